import { type Tensor, zeros } from "./tensor.ts";

/** Mean and variance of every feature, [F] each. */
export interface Statistics {
  mean: Tensor;
  variance: Tensor;
}

/** Added to the variance under the root. */
export const batchNormEpsilon = 1e-5;

/** Mean and *biased* variance (divided by N) of every column of [N, F]. */
export function batchStatistics(input: Tensor): Statistics {
  const [samples, features] = input.shape;
  const mean = zeros(features);
  const variance = zeros(features);
  for (let f = 0; f < features; f++) {
    for (let n = 0; n < samples; n++) {
      mean.data[f] += input.data[n * features + f] / samples;
    }
    for (let n = 0; n < samples; n++) {
      variance.data[f] += (input.data[n * features + f] - mean.data[f]) ** 2 /
        samples;
    }
  }
  return { mean, variance };
}

/**
 * y = (x − mean)/√(variance + 1e-5), without scale and offset. In training `statistics` are the batch's
 * ({@linkcode batchStatistics}), in inference the running ones.
 *
 * @param input [N, F]
 */
export function batchNormForward(
  input: Tensor,
  { mean, variance }: Statistics,
): Tensor {
  const [samples, features] = input.shape;
  const output = zeros(samples, features);
  for (let n = 0; n < samples; n++) {
    for (let f = 0; f < features; f++) {
      const at = n * features + f;
      output.data[at] = (input.data[at] - mean.data[f]) /
        Math.sqrt(variance.data[f] + batchNormEpsilon);
    }
  }
  return output;
}

/**
 * Gradient of the training form, where mean and variance depend on the batch; with ŷ the output and
 * g = ∂L/∂ŷ: ∂L/∂x = (g − mean_n(g) − ŷ·mean_n(g·ŷ))/√(variance + 1e-5).
 *
 * @param outputGradient [N, F]
 * @returns [N, F]
 */
export function batchNormBackward(
  outputGradient: Tensor,
  input: Tensor,
): Tensor {
  const [samples, features] = input.shape;
  const statistics = batchStatistics(input);
  const output = batchNormForward(input, statistics);
  const inputGradient = zeros(samples, features);
  for (let f = 0; f < features; f++) {
    let meanGradient = 0;
    let meanProduct = 0;
    for (let n = 0; n < samples; n++) {
      const at = n * features + f;
      meanGradient += outputGradient.data[at] / samples;
      meanProduct += outputGradient.data[at] * output.data[at] / samples;
    }
    const root = Math.sqrt(statistics.variance.data[f] + batchNormEpsilon);
    for (let n = 0; n < samples; n++) {
      const at = n * features + f;
      inputGradient.data[at] = (outputGradient.data[at] - meanGradient -
        output.data[at] * meanProduct) / root;
    }
  }
  return inputGradient;
}

/**
 * What a training pass leaves in the running statistics: running ← 0.9·running + 0.1·batch, where the batch's variance
 * is the *unbiased* one (divided by N − 1), as in PyTorch.
 */
export function updatedRunningStatistics(
  running: Statistics,
  input: Tensor,
): Statistics {
  const [samples, features] = input.shape;
  const batch = batchStatistics(input);
  const mean = zeros(features);
  const variance = zeros(features);
  for (let f = 0; f < features; f++) {
    const unbiased = batch.variance.data[f] * samples / (samples - 1);
    mean.data[f] = 0.9 * running.mean.data[f] + 0.1 * batch.mean.data[f];
    variance.data[f] = 0.9 * running.variance.data[f] + 0.1 * unbiased;
  }
  return { mean, variance };
}
