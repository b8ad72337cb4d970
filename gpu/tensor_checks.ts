import type { Convolution } from "./convolution.ts";
import type { ElementType } from "./element_type.ts";
import { GpuError } from "./errors.ts";
import type { Tensor } from "./tensor.ts";

/** Element types of 32 bits: all that kernels take for anything but activations. */
const wideTypes: readonly ElementType[] = ["f32", "u32", "i32"];

/**
 * Requires one of the `types`, by default any of 32 bits.
 *
 * @throws {GpuError} when the tensor has another
 */
export function assertType(
  op: string,
  name: string,
  { type }: Tensor,
  types: readonly ElementType[] = wideTypes,
): void {
  if (!types.includes(type)) {
    throw new GpuError({
      attempt: `run ${op}`,
      where: name,
      found: `elements of type ${type}`,
      wanted: types.join(", "),
    });
  }
}

/**
 * Requires exactly the shape `wanted` and one of the `types`, as {@linkcode assertType}.
 *
 * @throws {GpuError} when the tensor has another
 */
export function assertShape(
  op: string,
  name: string,
  tensor: Tensor,
  wanted: readonly number[],
  types?: readonly ElementType[],
): void {
  const same = tensor.shape.length === wanted.length &&
    tensor.shape.every((extent, axis) => extent === wanted[axis]);
  if (!same) {
    throw new GpuError({
      attempt: `run ${op}`,
      where: name,
      found: `shape [${tensor.shape.join(", ")}]`,
      wanted: `[${wanted.join(", ")}]`,
    });
  }
  assertType(op, name, tensor, types);
}

/**
 * Requires exactly `wanted` elements.
 *
 * @throws {GpuError} when the tensor, or the slice of one, has another number
 */
export function assertSize(
  op: string,
  name: string,
  { size }: { readonly size: number },
  wanted: number,
): void {
  if (size !== wanted) {
    throw new GpuError({
      attempt: `run ${op}`,
      where: name,
      found: `${size} elements`,
      wanted: String(wanted),
    });
  }
}

/** A product y [N, K] · w [K, O] = z [·, O] as a convolution whose output has one pixel; y may have more dimensions. */
export function productShape(y: Tensor, z: Tensor): Convolution {
  return productOf(y, z.shape[1]);
}

/** The same of y [N, K] · w [K, O], by the O. */
export function productOf(y: Tensor, outputChannels: number): Convolution {
  const inputChannels = y.size / y.shape[0];
  return { inputChannels, outputChannels, size: 1, stride: 1 };
}
