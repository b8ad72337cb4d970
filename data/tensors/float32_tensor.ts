import type { TensorData } from "./tensor_data.ts";

/**
 * The values of a tensor of floats as F32: halves and bfloat16 exactly, doubles rounded to the nearest.
 *
 * @returns undefined for a tensor of another kind
 */
export function float32Tensor(
  tensor: TensorData,
): Extract<TensorData, { dtype: "F32" }> | undefined {
  const { shape } = tensor;
  switch (tensor.dtype) {
    case "F32":
      return tensor;
    case "F64":
      return { dtype: "F32", shape, data: new Float32Array(tensor.data) };
    case "BF16": {
      const bits = Uint32Array.from(tensor.data, (half) => half << 16);
      return { dtype: "F32", shape, data: new Float32Array(bits.buffer) };
    }
    case "F16":
      return {
        dtype: "F32",
        shape,
        data: Float32Array.from(tensor.data, half),
      };
    default:
      return undefined;
  }
}

/** The value of an IEEE half by its bits: sign, five of exponent, ten of fraction. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = bits >> 10 & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0
    ? sign * fraction * 2 ** -24
    : sign * (1024 + fraction) * 2 ** (exponent - 25);
}
