import { type Tensor, zeros } from "./tensor.ts";

/** A row shorter than this is divided by it, so that a zero row stays zero. */
const shortestNorm = 1e-12;

/** y = x/max(‖x‖, 1e-12) for every row of [N, D]. */
export function l2NormalizeForward(input: Tensor): Tensor {
  const [rows, dimension] = input.shape;
  const output = zeros(rows, dimension);
  for (let row = 0; row < rows; row++) {
    const norm = Math.max(normOfRow(input, row), shortestNorm);
    for (let d = 0; d < dimension; d++) {
      output.data[row * dimension + d] = input.data[row * dimension + d] / norm;
    }
  }
  return output;
}

/** Gradient of {@linkcode l2NormalizeForward}; with y the output: ∂L/∂x = (g − y·⟨g, y⟩)/‖x‖. */
export function l2NormalizeBackward(
  outputGradient: Tensor,
  input: Tensor,
): Tensor {
  const [rows, dimension] = input.shape;
  const inputGradient = zeros(rows, dimension);
  for (let row = 0; row < rows; row++) {
    const norm = normOfRow(input, row);
    const divisor = Math.max(norm, shortestNorm);
    let projection = 0;
    for (let at = row * dimension; at < (row + 1) * dimension; at++) {
      projection += outputGradient.data[at] * input.data[at] / divisor;
    }
    if (norm <= shortestNorm) projection = 0;
    for (let at = row * dimension; at < (row + 1) * dimension; at++) {
      inputGradient.data[at] =
        (outputGradient.data[at] - input.data[at] / divisor * projection) /
        divisor;
    }
  }
  return inputGradient;
}

function normOfRow(input: Tensor, row: number): number {
  const dimension = input.shape[1];
  let sumOfSquares = 0;
  for (let at = row * dimension; at < (row + 1) * dimension; at++) {
    sumOfSquares += input.data[at] ** 2;
  }
  return Math.sqrt(sumOfSquares);
}
