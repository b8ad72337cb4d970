import type { Convolution } from "../convolution.ts";

/** Rows and columns of the patch the network reads. */
export const patchSize = 32;
/** Components of a descriptor. */
export const descriptorSize = 128;

/** The six 3×3 convolutions of SDGMNet128 in order; each is followed by FRN and TLU of its output channels. */
export const convolutions: readonly Convolution[] = [
  { inputChannels: 1, outputChannels: 32, size: 32, stride: 1 },
  { inputChannels: 32, outputChannels: 32, size: 32, stride: 1 },
  { inputChannels: 32, outputChannels: 64, size: 16, stride: 2 },
  { inputChannels: 64, outputChannels: 64, size: 16, stride: 1 },
  { inputChannels: 64, outputChannels: 128, size: 8, stride: 2 },
  { inputChannels: 128, outputChannels: 128, size: 8, stride: 1 },
];

/** Whether a convolution's gradients are computed by Winograd's method: at stride 1, from more than one channel. */
export function usesWinograd({ inputChannels, stride }: Convolution): boolean {
  return stride === 1 && inputChannels > 1;
}

/** PyTorch names of convolution `index` and of the normalisation after it. */
export function convolutionNames(
  index: number,
): { convolution: string; frn: string; tlu: string } {
  const first = index === 0 ? 2 : 0;
  return {
    convolution: `features.${index}.${first}`,
    frn: `features.${index}.${first + 1}`,
    tlu: `features.${index}.${first + 2}`,
  };
}

/** PyTorch names of the input's normalisation, the 8×8 convolution and the BatchNorm. */
export const inputNames = { frn: "features.0.0", tlu: "features.0.1" } as const;
export const denseName = "features.6.1";
export const batchNormName = "features.6.2";
