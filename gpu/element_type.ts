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

/** The typed array of each element type. */
export const arrayOfType = {
  f32: Float32Array,
  u32: Uint32Array,
  i32: Int32Array,
  f16: Float16Array,
} as const;

/** Buffers are written and copied by whole words of so many bytes. */
export const wordBytes = 4;

/** The element type of values. */
export function elementTypeOf(values: TensorValues): ElementType {
  const types = Object.keys(arrayOfType) as ElementType[];
  return types.find((type) => values instanceof arrayOfType[type])!;
}
