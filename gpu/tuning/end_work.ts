import { reversed } from "../convolution.ts";
import { conv3x3Forward } from "../ops/convolution/conv3x3.ts";
import { conv3x3InputGradientStride2 } from "../ops/convolution/conv3x3_input_gradient_stride2.ts";
import { frnTluBackward } from "../ops/frn_tlu_backward.ts";
import { conv3x3FrnTluForward } from "../ops/normalized/conv3x3_frn_tlu.ts";
import {
  conv3x3FrnTluBackward,
  frnTluBackwardTile,
} from "../ops/normalized/conv3x3_frn_tlu_backward.ts";
import { whole } from "../recorder.ts";
import type { EndSizes } from "../tiles/tile_sizes.ts";
import type { Maker, Operations } from "./operation.ts";
import {
  isNormalizedConvolution,
  isNormalizedGradient,
  parameterOf,
  parameterPlace,
  scaleOf,
} from "./known_ends.ts";

/** Convolutions with what follows them, in training: by one kernel or by two, as the device's tiles say. */
export const endOperations: Operations<keyof EndSizes> = {
  conv3x3_frn_tlu(shape, maker) {
    const { samples, bordered, result, weights, values } = maker;
    const { inputChannels, outputChannels, size, stride } = shape;
    const { bias, ...norms } = parametersOf(outputChannels, maker);
    const x = result(outputChannels, size);
    const y = result(outputChannels, size);
    const scale = values(samples, outputChannels / 4, 4);
    const input = bordered(inputChannels, stride * size);
    const tensors = { input, weights: weights(shape), bias, x, scale, y };
    return {
      output: y,
      others: [x, scale],
      record: (to) =>
        conv3x3FrnTluForward(to, shape, norms, tensors, samples, {
          keep: true,
        }),
      isRight: (result) => isNormalizedConvolution(shape, samples, result),
    };
  },

  conv3x3_frn_tlu_backward(shape, maker) {
    const { samples, bordered, map, result, weights, values, made } = maker;
    const { inputChannels, outputChannels, size, stride } = shape;
    const below = stride * size;
    const { gamma, beta, tau } = parametersOf(inputChannels, maker);
    const norms = { gamma, beta, tau };
    const dy = bordered(outputChannels, size);
    const transposedWeights = weights(shape);
    const x = result(inputChannels, below);
    const scale = made(scaleOf, samples, inputChannels / 4, 4);
    const dx = map(inputChannels, below);
    const sums = values(samples, 4, inputChannels);
    const partial = whole(sums);
    const between = result(inputChannels, below);
    const noBias = whole(made(() => 0, inputChannels));
    return {
      output: dx,
      others: [sums],
      record(to) {
        if (frnTluBackwardTile(to.gpu, shape) !== undefined) {
          const tensors = { dy, transposedWeights, x, scale, dx, partial };
          conv3x3FrnTluBackward(to, shape, norms, tensors, samples);
          return;
        }
        if (stride === 2) {
          const tensors = { dy, transposedWeights, dx: between };
          conv3x3InputGradientStride2(to, shape, tensors, samples);
        } else {
          conv3x3Forward(to, reversed(shape), {
            x: dy,
            weights: transposedWeights,
            bias: noBias,
            y: between,
          }, samples);
        }
        const tensors = { x, scale, dy: between, dx, partial };
        frnTluBackward(to, norms, tensors, samples);
      },
      isRight: (result) => isNormalizedGradient(shape, samples, result),
    };
  },
};

/** Slices of one tensor, as kernels that normalise want them. */
function parametersOf(channels: number, { made }: Maker) {
  const size = parameterPlace("tau", channels, channels);
  const tensor = made(parameterOf, size);
  const slice = (name: Parameters<typeof parameterPlace>[0]) => ({
    tensor,
    offset: parameterPlace(name, channels, 0),
    size: channels,
  });
  return {
    bias: slice("bias"),
    gamma: slice("gamma"),
    beta: slice("beta"),
    tau: slice("tau"),
  };
}
