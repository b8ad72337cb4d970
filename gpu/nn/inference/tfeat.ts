import { instanceNorm } from "./batch_norm_body.ts";
import type { InferenceBlock, InferenceNetwork } from "./inference_network.ts";

/** 7×7 to 32, tanh, the largest of 2×2; 6×6 to 64, tanh; neither padded. */
const body = (
  first: string,
  second: string,
): readonly InferenceBlock[] => [
  {
    convolution: first,
    outputChannels: 32,
    kernelSize: 7,
    stride: 1,
    padding: 0,
    activation: "tanh",
    maxPool: true,
  },
  {
    convolution: second,
    outputChannels: 64,
    kernelSize: 6,
    stride: 1,
    padding: 0,
    activation: "tanh",
    maxPool: false,
  },
];

const rest = {
  head: { convolution: "descr.0", shape: "matrix" },
  output: "tanh",
} as const;

/**
 * TFeat as its authors publish it last: InstanceNorm of the patch, two convolutions, a dense layer to 128, tanh; not normalised.
 * Source: Balntas et al., BMVC 2016, and the authors' checkpoints.
 */
export const tFeat: InferenceNetwork = {
  name: "TFeat",
  input: { ...instanceNorm, layer: "features.0" },
  body: body("features.1", "features.4"),
  ...rest,
};

/**
 * The earlier TFeat, without InstanceNorm: patches less the mean of all patches of Liberty, divided by their deviation (0.443728476019
 * and 0.20197947209 of values 0 … 1), whichever set it was trained on.
 */
export const tFeatOfSet: InferenceNetwork = {
  name: "TFeat without InstanceNorm",
  input: { kind: "set", mean: 0.443728476019, deviation: 0.20197947209 },
  body: body("features.0", "features.3"),
  ...rest,
};
