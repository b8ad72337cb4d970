import { batchNormBody, instanceNorm } from "./batch_norm_body.ts";
import type { InferenceNetwork } from "./inference_network.ts";

/**
 * L2-Net as HyNet's authors publish it, in parts `layer1` … `layer7` (which a checkpoint's reader calls `features.0` … `features.6`),
 * after InstanceNorm of the patch; SOSNet trained by their program is the same network.
 * Source: Tian et al., CVPR 2017, and HyNet's authors' checkpoints.
 */
export const l2Net: InferenceNetwork = {
  name: "L2Net",
  input: { ...instanceNorm, layer: "features.0.0" },
  body: batchNormBody((block) => {
    const first = block === 0 ? 1 : 0;
    return {
      convolution: `features.${block}.${first}`,
      batchNorm: `features.${block}.${first + 1}`,
    };
  }),
  head: {
    convolution: "features.6.1",
    batchNorm: "features.6.2",
    shape: "convolution",
  },
  output: "unit",
};
