import type { InferenceBlock } from "./inference_network.ts";

/** Output channels and strides of L2-Net's six 3×3 convolutions, which HardNet and SOSNet share. */
const widths = [
  [32, 1],
  [32, 1],
  [64, 2],
  [64, 1],
  [128, 2],
  [128, 1],
] as const;

/**
 * L2-Net's body: 1→32, 32→32, 32→64 stride 2, 64→64, 64→128 stride 2, 128→128, each 3×3 with padding 1, BatchNorm, ReLU.
 *
 * @param nameOf the checkpoint's names of block 0 … 5
 */
export function batchNormBody(
  nameOf: (block: number) => { convolution: string; batchNorm: string },
): readonly InferenceBlock[] {
  return widths.map(([outputChannels, stride], block) => ({
    ...nameOf(block),
    outputChannels,
    stride,
    kernelSize: 3,
    padding: 1,
    activation: "relu",
    maxPool: false,
  }));
}

/** PyTorch's InstanceNorm of one channel without parameters: variance over all pixels, ε = 1e-5 under the root. */
export const instanceNorm = {
  kind: "patch",
  divisor: 1024,
  underRoot: 1e-5,
  besideRoot: 0,
} as const;
