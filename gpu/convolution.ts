/** A 3×3 convolution with padding 1: sizes of its output. */
export interface Convolution {
  inputChannels: number;
  outputChannels: number;
  /** Rows and columns of the output. */
  size: number;
  stride: 1 | 2;
}

/** The convolution with its channels exchanged: at stride 1, the one that takes ∂y to ∂x. */
export function reversed(convolution: Convolution): Convolution {
  const { inputChannels, outputChannels } = convolution;
  return {
    ...convolution,
    inputChannels: outputChannels,
    outputChannels: inputChannels,
  };
}

/** Output channels whose weights lie together: weights are [K/16, C/4, 3, 3, 4, 16]. */
export const channelBlock = 16;
/** Samples that one partial sum of a weight gradient covers; batches are padded to a multiple of it. */
export const sampleGroup = 8;
