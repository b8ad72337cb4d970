import { batchNormBody } from "./batch_norm_body.ts";
import type { InferenceNetwork } from "./inference_network.ts";

/**
 * HardNet: L2-Net's convolutions in one sequence `features`, patches normalised by their own mean and sample deviation.
 * Source: Mishchuk et al., NeurIPS 2017, and the authors' checkpoints.
 */
export const hardNet: InferenceNetwork = {
  name: "HardNet",
  input: { kind: "patch", divisor: 1023, underRoot: 0, besideRoot: 1e-7 },
  body: batchNormBody((block) => ({
    convolution: `features.${3 * block}`,
    batchNorm: `features.${3 * block + 1}`,
  })),
  head: {
    convolution: "features.19",
    batchNorm: "features.20",
    shape: "convolution",
  },
  output: "unit",
};
