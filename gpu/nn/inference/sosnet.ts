import { batchNormBody, instanceNorm } from "./batch_norm_body.ts";
import type { InferenceNetwork } from "./inference_network.ts";

/**
 * SOSNet: L2-Net's convolutions in one sequence `layers`, after InstanceNorm of the patch.
 * Source: Tian et al., CVPR 2019, and the authors' checkpoints.
 */
export const sosNet: InferenceNetwork = {
  name: "SOSNet",
  input: { ...instanceNorm, layer: "layers.0" },
  body: batchNormBody((block) => ({
    convolution: `layers.${3 * block + 1}`,
    batchNorm: `layers.${3 * block + 2}`,
  })),
  head: {
    convolution: "layers.20",
    batchNorm: "layers.21",
    shape: "convolution",
  },
  output: "unit",
};
