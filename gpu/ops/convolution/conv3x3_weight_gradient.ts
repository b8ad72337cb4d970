import { activationInclude, activationTypes } from "../../activation.ts";
import {
  channelBlock,
  type Convolution,
  sampleGroup,
} from "../../convolution.ts";
import { kernel } from "../../kernel.ts";
import { type Recorder, type TensorSlice, unsigned } from "../../recorder.ts";
import type { Tensor } from "../../tensor.ts";
import { assertShape } from "../../tensor_checks.ts";
import {
  gradientStrip,
  gradientVectors,
  inputs4OfGroup,
  isSharedWeightGradient,
  isWindow,
  rowGroup,
  rowsAtOnce,
  type SharedWeightGradient,
  windowColumnPairs,
} from "../../tiles/shared_weight_gradient.ts";
import { groupThatDivides, tileOf } from "../../tiles.ts";
import sharedSource from "../../wgsl/convolution/conv3x3_weight_gradient_shared.wgsl" with {
  type: "text",
};
import windowSource from "../../wgsl/convolution/conv3x3_weight_gradient_window.wgsl" with {
  type: "text",
};
import aloneSource from "../../wgsl/convolution/conv3x3_weight_gradient.wgsl" with {
  type: "text",
};
import strips from "../../wgsl/lib/strips.wgsl" with { type: "text" };

/** Number of partial sums {@linkcode conv3x3WeightGradient} writes for `count` samples. */
export function weightGradientParts(
  convolution: Convolution,
  count: number,
): number {
  return count / sampleGroup * Math.ceil(convolution.size / rowGroup);
}

/**
 * Partial sums of ∂w[k,c,p,q] = Σ_{n,i,j} ∂y[n,k,i,j] · x[n,c,S·i+p−1,S·j+q−1], to be added by `accumulate`.
 *
 * x as in {@linkcode conv3x3Forward}, ∂y [N, K/4, H+2, W+2, 4] with a border of one zero pixel, partial
 * [{@linkcode weightGradientParts}, 9·C·K] in the order of the weights.
 *
 * @throws {GpuError} when a shape does not fit
 */
export function conv3x3WeightGradient(
  recorder: Recorder,
  convolution: Convolution,
  tensors: { x: Tensor; dy: Tensor; partial: TensorSlice },
  count: number,
): void {
  const { inputChannels, outputChannels, size, stride } = convolution;
  const { x, dy, partial } = tensors;
  const capacity = x.shape[0];
  const padded = stride * size + 2;
  const xShape = [capacity, inputChannels / 4, padded, padded, 4];
  assertShape("conv3x3WeightGradient", "x", x, xShape, activationTypes);
  assertShape("conv3x3WeightGradient", "dy", dy, [
    capacity,
    outputChannels / 4,
    size + 2,
    size + 2,
    4,
  ]);
  const tile = tileOf(
    recorder.gpu.tiles,
    "conv3x3_weight_gradient",
    convolution,
  );
  if (isSharedWeightGradient(tile)) {
    sharedWeightGradient(recorder, convolution, tensors, count, tile);
    return;
  }
  const { size: [tapRows], group: most } = tile;
  const tiles = inputChannels / 4 * (outputChannels / channelBlock) *
    (3 / tapRows);
  const rowParts = Math.ceil(size / rowGroup);
  const group = groupThatDivides(tiles * rowParts, most);
  const compiled = kernel(
    recorder.gpu,
    "conv3x3_weight_gradient",
    aloneSource,
    {
      S: stride,
      SAMPLES: sampleGroup,
      ROWS: rowGroup,
      TAP_ROWS: tapRows,
      GROUP: group,
    },
    activationInclude("conv3x3WeightGradient", { x }),
  );
  const threads = tiles * weightGradientParts(convolution, count);
  recorder.dispatch(
    compiled,
    [x, dy, partial],
    [threads / group],
    unsigned(inputChannels / 4, outputChannels / 4, size, size),
  );
}

/** The same by workgroups that share what they read. */
function sharedWeightGradient(
  recorder: Recorder,
  convolution: Convolution,
  { x, dy, partial }: Parameters<typeof conv3x3WeightGradient>[2],
  count: number,
  tile: SharedWeightGradient,
): void {
  const { inputChannels, outputChannels, size } = convolution;
  const { group, shared: [outputs4, channels] } = tile;
  const inputs4 = inputs4OfGroup(tile);
  const constants = {
    W: size,
    STRIP: gradientStrip(convolution),
    SAMPLES: sampleGroup,
    ROWS: rowGroup,
    IN4: inputs4,
    ACROSS: channels / 4,
    PIXEL: gradientVectors(tile),
    GROUP: group,
  };
  const include = {
    ...activationInclude("conv3x3WeightGradient", { x }),
    strips,
  };
  const compiled = isWindow(tile)
    ? kernel(
      recorder.gpu,
      "conv3x3_weight_gradient_window",
      windowSource,
      {
        ...constants,
        HEIGHT: rowsAtOnce(convolution),
        COLUMN: windowColumnPairs(tile),
      },
      include,
    )
    : kernel(
      recorder.gpu,
      "conv3x3_weight_gradient_shared",
      sharedSource,
      {
        ...constants,
        TK: outputs4,
      },
      include,
    );
  const blocks = inputChannels / 4 / inputs4 * (outputChannels / channels);
  recorder.dispatch(
    compiled,
    [x, dy, partial],
    [blocks * weightGradientParts(convolution, count)],
    unsigned(inputChannels / 4, outputChannels / 4, size),
  );
}
