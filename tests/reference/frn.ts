import { extents, type Tensor, zeros } from "./tensor.ts";

/**
 * Filter response normalisation: y = γ·x·r + β with r = 1/√(ν + |ε|), ν = mean of x² over the plane,
 * for every sample and channel.
 *
 * @param input [N, C, H, W]
 * @param scale γ, C values
 * @param offset β, C values
 */
export function frnForward(
  input: Tensor,
  scale: Tensor,
  offset: Tensor,
  epsilon: number,
): Tensor {
  const { samples, channels, height, width } = extents(input);
  const area = height * width;
  const output = zeros(...input.shape);
  for (let n = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++) {
      const plane = (n * channels + c) * area;
      const factor = scale.data[c] * inverseRoot(input, plane, area, epsilon);
      for (let at = plane; at < plane + area; at++) {
        output.data[at] = factor * input.data[at] + offset.data[c];
      }
    }
  }
  return output;
}

/**
 * Gradients of {@linkcode frnForward}; with g = ∂L/∂y:
 * ∂L/∂x = γ·r·(g − x·r²·mean(g·x)), ∂L/∂γ = Σ g·x·r, ∂L/∂β = Σ g.
 */
export function frnBackward(
  outputGradient: Tensor,
  input: Tensor,
  scale: Tensor,
  epsilon: number,
): { inputGradient: Tensor; scaleGradient: Tensor; offsetGradient: Tensor } {
  const { samples, channels, height, width } = extents(input);
  const area = height * width;
  const inputGradient = zeros(...input.shape);
  const scaleGradient = zeros(...scale.shape);
  const offsetGradient = zeros(...scale.shape);
  for (let n = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++) {
      const plane = (n * channels + c) * area;
      const r = inverseRoot(input, plane, area, epsilon);
      let sumOfProducts = 0;
      for (let at = plane; at < plane + area; at++) {
        sumOfProducts += outputGradient.data[at] * input.data[at];
        offsetGradient.data[c] += outputGradient.data[at];
      }
      scaleGradient.data[c] += sumOfProducts * r;
      const mean = sumOfProducts / area;
      for (let at = plane; at < plane + area; at++) {
        inputGradient.data[at] = scale.data[c] * r *
          (outputGradient.data[at] - input.data[at] * r * r * mean);
      }
    }
  }
  return { inputGradient, scaleGradient, offsetGradient };
}

function inverseRoot(
  input: Tensor,
  plane: number,
  area: number,
  epsilon: number,
): number {
  let sumOfSquares = 0;
  for (let at = plane; at < plane + area; at++) {
    sumOfSquares += input.data[at] ** 2;
  }
  return 1 / Math.sqrt(sumOfSquares / area + Math.abs(epsilon));
}
