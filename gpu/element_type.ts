import { GpuError } from "./errors.ts";

/** Element type of a tensor. "f16" is for storage alone: kernels compute with it as f32, see wgsl/lib/activation_f16.wgsl. */
export type ElementType = "f32" | "u32" | "i32" | "f16";

/** Typed array a tensor's content travels in: that of its element type. */
export type TensorValues =
  | Float32Array
  | Uint32Array
  | Int32Array
  | Float16Array;

/** What a tensor is read back as. */
export type ReadValues =
  | Float32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Float16Array<ArrayBuffer>;

/** Stands in for half-precision arrays where the runtime has none: its tensors live on the GPU and cannot be read back. */
class NoFloat16Array {
  static readonly BYTES_PER_ELEMENT = 2;

  constructor() {
    throw new GpuError({
      attempt: "read f16 values",
      found: "a runtime without Float16Array",
      wanted: "one that has it, such as Deno, Node 24 or a current browser",
    });
  }
}

/** The typed array of each element type. */
export const arrayOfType = {
  f32: Float32Array,
  u32: Uint32Array,
  i32: Int32Array,
  f16: globalThis.Float16Array ??
    (NoFloat16Array as unknown as typeof Float16Array),
} as const;

/** Buffers are written and copied by whole words of so many bytes. */
export const wordBytes = 4;

/** The element type of values. */
export function elementTypeOf(values: TensorValues): ElementType {
  const types = Object.keys(arrayOfType) as ElementType[];
  return types.find((type) => values instanceof arrayOfType[type])!;
}
