import type { Tensor } from "./tensor.ts";

/** ‖x_i − x_j‖ */
export function pairDistance(
  { shape, data }: Tensor,
  [first, second]: [number, number],
): number {
  const dimension = shape[1];
  let sumOfSquares = 0;
  for (let d = 0; d < dimension; d++) {
    sumOfSquares +=
      (data[first * dimension + d] - data[second * dimension + d]) ** 2;
  }
  return Math.sqrt(sumOfSquares);
}

/** Adds factor·∂‖x_i − x_j‖ to the gradient; a distance of zero has gradient zero, as in PyTorch. */
export function addPairGradient(
  gradient: Tensor,
  descriptors: Tensor,
  [first, second]: [number, number],
  factor: number,
): void {
  const dimension = descriptors.shape[1];
  const distance = pairDistance(descriptors, [first, second]);
  if (distance === 0) return;
  for (let d = 0; d < dimension; d++) {
    const step = factor / distance *
      (descriptors.data[first * dimension + d] -
        descriptors.data[second * dimension + d]);
    gradient.data[first * dimension + d] += step;
    gradient.data[second * dimension + d] -= step;
  }
}
