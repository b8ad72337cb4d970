import { GpuError } from "../../errors.ts";
import { batchNormEpsilon } from "../../ops/batch_norm.ts";
import { descriptorSize, headSize, patchSize } from "../architecture.ts";
import { checkedTensor, type NetworkState } from "../network_state.ts";
import {
  inferenceHeadChannels,
  type InferenceNetwork,
  inferenceShapes,
  type NormalizedConvolution,
} from "./inference_network.ts";

/** Weights of one convolution with all that follows it up to the activation: y = w ∗ x + bias. */
export interface FoldedConvolution {
  /** [O, C, K, K] */
  shape: readonly number[];
  /** in PyTorch's order */
  weight: Float32Array<ArrayBuffer>;
  /** [O] */
  bias: Float32Array<ArrayBuffer>;
}

/** The convolutions of a network by name, those of the body and the head. */
export type FoldedNetwork = ReadonlyMap<string, FoldedConvolution>;

/**
 * Folds every BatchNorm of a network into the convolution before it: w·γ/σ and (bias − mean)·γ/σ + β, with
 * σ = √(variance + 1e-5); computed in float64.
 *
 * @throws {GpuError} when a tensor is missing, has another shape or holds a value that is not finite, or the input's normalisation has
 * parameters
 */
export function foldNetwork(
  network: InferenceNetwork,
  state: NetworkState,
): FoldedNetwork {
  const { head } = network;
  requirePlainInput(network, state);
  const folded = new Map<string, FoldedConvolution>();
  for (const layer of inferenceShapes(network, patchSize)) {
    const { outputChannels, inputChannels, kernelSize } = layer;
    const shape = [outputChannels, inputChannels, kernelSize, kernelSize];
    folded.set(
      layer.convolution,
      foldConvolution(network, state, layer, shape, shape),
    );
  }
  const channels = inferenceHeadChannels(network);
  const shape = [descriptorSize, channels, headSize, headSize];
  const stored = head.shape === "matrix"
    ? [descriptorSize, channels * headSize * headSize]
    : shape;
  folded.set(
    head.convolution,
    foldConvolution(network, state, head, shape, stored),
  );
  return folded;
}

/** @throws {GpuError} when the normalisation of the patch has parameters, which no network here has */
function requirePlainInput(
  { name, input: { layer } }: InferenceNetwork,
  state: NetworkState,
): void {
  if (layer === undefined) return;
  for (const parameter of ["weight", "bias", "running_mean", "running_var"]) {
    const tensor = `${layer}.${parameter}`;
    if (!state.has(tensor)) continue;
    throw new GpuError({
      attempt: "load a network",
      where: tensor,
      found: `a parameter of ${name}'s normalisation of the patch`,
      wanted: "a normalisation without parameters",
    });
  }
}

function foldConvolution(
  network: InferenceNetwork,
  state: NetworkState,
  { convolution, batchNorm }: NormalizedConvolution,
  shape: readonly number[],
  storedShape: readonly number[],
): FoldedConvolution {
  const [outputs] = shape;
  const values = (name: string, wanted: readonly number[]) =>
    Float64Array.from(checkedTensor(network, state, name, wanted), Number);
  const perOutput = (name: string, otherwise: number) =>
    state.has(name)
      ? values(name, [outputs])
      : new Float64Array(outputs).fill(otherwise);
  const weight = values(`${convolution}.weight`, storedShape);
  // Of a convolution before a BatchNorm the bias is left out as a rule; without one it has to be there.
  const bias = batchNorm === undefined
    ? values(`${convolution}.bias`, [outputs])
    : perOutput(`${convolution}.bias`, 0);
  if (batchNorm !== undefined) {
    const mean = values(`${batchNorm}.running_mean`, [outputs]);
    const variance = values(`${batchNorm}.running_var`, [outputs]);
    const gamma = perOutput(`${batchNorm}.weight`, 1);
    const beta = perOutput(`${batchNorm}.bias`, 0);
    const below = variance.findIndex((value) => value < 0);
    if (below >= 0) {
      throw new GpuError({
        attempt: "load a network",
        where: `${batchNorm}.running_var[${below}]`,
        found: String(variance[below]),
        wanted: "a variance of 0 or more",
        remedy: "use an earlier checkpoint",
      });
    }
    const taps = weight.length / outputs;
    for (let o = 0; o < outputs; o++) {
      const scale = gamma[o] / Math.sqrt(variance[o] + batchNormEpsilon);
      bias[o] = (bias[o] - mean[o]) * scale + beta[o];
      for (let at = o * taps; at < (o + 1) * taps; at++) weight[at] *= scale;
    }
  }
  return {
    shape,
    weight: Float32Array.from(weight),
    bias: Float32Array.from(bias),
  };
}

/** Names of all tensors that a checkpoint of a network has to have. */
export function requiredTensors(
  { body, head }: InferenceNetwork,
): readonly string[] {
  return [...body, head].flatMap(({ convolution, batchNorm }) => [
    `${convolution}.weight`,
    ...(batchNorm === undefined
      ? [`${convolution}.bias`]
      : [`${batchNorm}.running_mean`, `${batchNorm}.running_var`]),
  ]);
}
