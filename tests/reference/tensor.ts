/**
 * A float64 array with a shape, row-major: what the reference twins compute with. Activations are
 * [N samples, C channels, H rows, W columns]; convolution weights [O outputs, C inputs, K, K].
 */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** A tensor of zeros. */
export function zeros(...shape: number[]): Tensor {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return { shape, data: new Float64Array(size) };
}

/** A tensor with the given values, which are copied. */
export function tensorOf(
  shape: readonly number[],
  values: ArrayLike<number>,
): Tensor {
  const tensor = zeros(...shape);
  if (values.length !== tensor.data.length) {
    throw new RangeError(`${values.length} values for shape [${shape}]`);
  }
  tensor.data.set(Array.from(values));
  return tensor;
}

/** The extents of [N, C, H, W]. */
export function extents(
  { shape }: Tensor,
): { samples: number; channels: number; height: number; width: number } {
  const [samples, channels, height, width] = shape;
  return { samples, channels, height, width };
}
