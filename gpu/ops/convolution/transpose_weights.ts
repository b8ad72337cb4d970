import { kernel } from "../../kernel.ts";
import { type Recorder, type TensorSlice, unsigned } from "../../recorder.ts";
import source from "../../wgsl/convolution/transpose_weights.wgsl" with {
  type: "text",
};

const group = 64;

/**
 * target[k/block, c/4, p, q, c%4, k%block] = source[c/16, k/4, p, q, k%4, c%16]: the weights of a 3×3 convolution with its
 * channels exchanged; where its taps are turned about too, [2−p, 2−q] stands for [p, q] in the source.
 *
 * source [K/16, C/4, 3, 3, 4, 16] flat; target [C/block, K/4, 3, 3, 4, block] flat.
 */
export function transposeWeights(
  recorder: Recorder,
  shape: { inputChannels: number; outputChannels: number },
  weights: TensorSlice,
  target: TensorSlice,
  { block, turned }: { block: number; turned: boolean },
): void {
  const { inputChannels, outputChannels } = shape;
  recorder.dispatch(
    kernel(recorder.gpu, "transpose_weights", source, {
      B: block,
      TURNED: turned ? 1 : 0,
      GROUP: group,
    }),
    [weights, target],
    [inputChannels * outputChannels * 9 / group],
    unsigned(inputChannels, outputChannels),
  );
}
