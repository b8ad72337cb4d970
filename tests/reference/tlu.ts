import { extents, type Tensor, zeros } from "./tensor.ts";

/**
 * Thresholded linear unit: y = max(x, τ).
 *
 * @param input [N, C, H, W]
 * @param threshold τ, C values
 */
export function tluForward(input: Tensor, threshold: Tensor): Tensor {
  const { channels, height, width } = extents(input);
  const area = height * width;
  const output = zeros(...input.shape);
  for (let at = 0; at < input.data.length; at++) {
    const channel = Math.floor(at / area) % channels;
    output.data[at] = Math.max(input.data[at], threshold.data[channel]);
  }
  return output;
}

/**
 * Gradients of {@linkcode tluForward}: to x where x > τ, to τ elsewhere. (Where x equals τ exactly, PyTorch gives
 * half to each; that is a matter of rounding and no test here meets it.)
 */
export function tluBackward(
  outputGradient: Tensor,
  input: Tensor,
  threshold: Tensor,
): { inputGradient: Tensor; thresholdGradient: Tensor } {
  const { channels, height, width } = extents(input);
  const area = height * width;
  const inputGradient = zeros(...input.shape);
  const thresholdGradient = zeros(...threshold.shape);
  for (let at = 0; at < input.data.length; at++) {
    const channel = Math.floor(at / area) % channels;
    if (input.data[at] > threshold.data[channel]) {
      inputGradient.data[at] = outputGradient.data[at];
    } else {
      thresholdGradient.data[channel] += outputGradient.data[at];
    }
  }
  return { inputGradient, thresholdGradient };
}
