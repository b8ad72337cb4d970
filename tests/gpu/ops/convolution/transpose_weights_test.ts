import { describe, it } from "@std/testing/bdd";
import { channelBlock } from "../../../../gpu/convolution.ts";
import { transposedChannelBlock } from "../../../../gpu/ops/convolution/conv3x3_input_gradient_stride2.ts";
import { transposeWeights } from "../../../../gpu/ops/convolution/transpose_weights.ts";
import {
  exchangeChannels,
  toConvolutionWeights,
} from "../../../helpers/gpu/activation_layout.ts";
import {
  assertSameBits,
  exactTensor,
  openBench,
  whole,
} from "../../../helpers/gpu/gpu_op.ts";

const { recorder, arena } = await openBench();

describe("transposeWeights", () => {
  const cases = [[16, 48], [48, 16]].flatMap((channels) => [
    { channels, block: transposedChannelBlock, turned: false },
    { channels, block: channelBlock, turned: true },
  ]);
  for (const { channels, block, turned } of cases) {
    const [inputChannels, outputChannels] = channels;
    const turns = turned ? ", and turns the taps about" : "";
    it(`exchanges ${inputChannels} and ${outputChannels} channels${turns}`, async () => {
      const weights = exactTensor(
        `weights ${inputChannels}`,
        [outputChannels, inputChannels, 3, 3],
      );
      const values = toConvolutionWeights(weights);
      const source = arena.tensorOf("source", [values.length], values);
      const target = arena.tensor("target", [values.length]);
      transposeWeights(
        recorder,
        { inputChannels, outputChannels },
        whole(source),
        whole(target),
        { block, turned },
      );
      recorder.submit();
      assertSameBits(
        "target",
        await target.readFloats(),
        toConvolutionWeights(
          exchangeChannels(weights, turned),
          block,
        ),
      );
    });
  }
});
