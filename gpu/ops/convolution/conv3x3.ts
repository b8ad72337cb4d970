import { activationInclude, activationTypes } from "../../activation.ts";
import {
  channelBlock,
  type Convolution,
  sampleGroup,
} from "../../convolution.ts";
import { weightBinding, weightBlocks } from "../../convolution_weights.ts";
import type { Gpu } from "../../device.ts";
import { type Kernel, kernel } from "../../kernel.ts";
import { type Recorder, type TensorSlice, unsigned } from "../../recorder.ts";
import type { Tensor } from "../../tensor.ts";
import { assertShape, assertSize } from "../../tensor_checks.ts";
import {
  isShared,
  sharedBlock,
  type SharedTile,
  weightVectors,
  windowVectors,
} from "../../tiles/shared_tile.ts";
import {
  isSquare,
  planePairs,
  squareBlock,
  type SquareTile,
} from "../../tiles/square_tile.ts";
import { groupThatDivides, tileOf } from "../../tiles.ts";
import type { ShaderConstants, ShaderIncludes } from "../../wgsl.ts";
import sharedSource from "../../wgsl/convolution/conv3x3_shared.wgsl" with {
  type: "text",
};
import squareSource from "../../wgsl/convolution/conv3x3_square.wgsl" with {
  type: "text",
};
import place from "../../wgsl/lib/outputs/place.wgsl" with { type: "text" };
import rowSums from "../../wgsl/lib/outputs/row_sums.wgsl" with {
  type: "text",
};
import plainOutput from "../../wgsl/lib/outputs/output_plain.wgsl" with {
  type: "text",
};
import forwardSource from "../../wgsl/convolution/conv3x3.wgsl" with {
  type: "text",
};

/**
 * y[n,k,i,j] = bias[k] + Σ_{c,p,q} w[k,c,p,q] · x[n,c,S·i+p−1,S·j+q−1].
 *
 * x [N, C/4, S·H+2, S·W+2, 4] with a border of one zero pixel, weights [K/16, C/4, 3, 3, 4, 16] flat, bias [K],
 * y [N, K/4, H, W, 4]; the first `count` samples are computed, a multiple of {@linkcode sampleGroup}. x and y are stored in 32 or
 * in 16 bits.
 *
 * @throws {GpuError} when a shape does not fit
 */
export function conv3x3Forward(
  recorder: Recorder,
  convolution: Convolution,
  tensors: { x: Tensor; weights: TensorSlice; bias: TensorSlice; y: Tensor },
  count: number,
): void {
  const { inputChannels, outputChannels, size, stride } = convolution;
  const { x, weights, bias, y } = tensors;
  const capacity = x.shape[0];
  const padded = stride * size + 2;
  const xShape = [capacity, inputChannels / 4, padded, padded, 4];
  const yShape = [capacity, outputChannels / 4, size, size, 4];
  assertShape("conv3x3Forward", "x", x, xShape, activationTypes);
  assertShape("conv3x3Forward", "y", y, yShape, activationTypes);
  const weightCount = inputChannels * outputChannels * 9;
  assertSize("conv3x3Forward", "weights", weights, weightCount);
  assertSize("conv3x3Forward", "bias", bias, outputChannels);
  const tile = tileOf(recorder.gpu.tiles, "conv3x3", convolution);
  if (isSquare(tile)) {
    squareForward(recorder, convolution, tensors, count, tile);
    return;
  }
  if (isShared(tile)) {
    sharedForward(recorder, convolution, tensors, count, tile);
    return;
  }
  const { size: [tileRows, tileColumns], group: most } = tile;
  const threadsOfSample = (size / tileRows) * (size / tileColumns);
  const group = groupThatDivides(sampleGroup * threadsOfSample, most);
  const blockSize = inputChannels * 9 * channelBlock;
  const compiled = kernel(recorder.gpu, "conv3x3", forwardSource, {
    S: stride,
    K4: channelBlock / 4,
    TH: tileRows,
    TW: tileColumns,
    GROUP: group,
  }, {
    ...weightBinding(blockSize * 4),
    ...activationInclude("conv3x3Forward", { x, y }),
  });
  const threads = count * threadsOfSample;
  const shape = [inputChannels / 4, outputChannels / 4, size, size];
  for (let block = 0; block < outputChannels / channelBlock; block++) {
    const blockWeights = weightBlocks(
      weights,
      block * blockSize,
      blockSize,
    );
    recorder.dispatch(
      compiled,
      [x, blockWeights, bias, y],
      [threads / group],
      unsigned(...shape, block * channelBlock / 4),
    );
  }
}

/** The same by workgroups that share what they read, all output channels in one dispatch. */
function sharedForward(
  recorder: Recorder,
  convolution: Convolution,
  { x, weights, bias, y }: Parameters<typeof conv3x3Forward>[2],
  count: number,
  tile: SharedTile,
): void {
  const { inputChannels, outputChannels, size } = convolution;
  const compiled = sharedKernel(recorder.gpu, convolution, tile, {
    output: plainOutput,
    ...activationInclude("conv3x3Forward", { x, y }),
  });
  recorder.dispatch(
    compiled,
    [x, weights, bias, y],
    [sharedGroups(convolution, tile, count)],
    unsigned(inputChannels / 4, outputChannels / 4, size),
  );
}

/** The kernel of workgroups that share what they read, with what its `output` and its other includes want: SUMS sums of every row, 1 unless told. */
export function sharedKernel(
  gpu: Gpu,
  convolution: Convolution,
  tile: SharedTile,
  includes: ShaderIncludes & { output: string },
  constants: ShaderConstants = {},
): Kernel {
  const { size, stride } = convolution;
  const { size: [, columns], group, shared: [outputs4, channels] } = tile;
  const { samples, rows } = sharedBlock(convolution, tile)!;
  return kernel(gpu, "conv3x3_shared", sharedSource, {
    S: stride,
    W: size,
    SAMPLES: samples,
    ROWS: rows,
    TH: 1,
    TW: columns,
    TK: outputs4,
    CH4: channels / 4,
    WINDOW: windowVectors(stride, columns),
    WEIGHTS: weightVectors(outputs4),
    GROUP: group,
    SUMS: 1,
    ...constants,
  }, { ...includes, place });
}

/** Workgroups of {@linkcode sharedKernel} for `count` samples. */
export function sharedGroups(
  convolution: Convolution,
  tile: SharedTile,
  count: number,
): number {
  const { samples, rows } = sharedBlock(convolution, tile)!;
  const blocks = count / samples * (convolution.size / rows);
  return blocks * (convolution.outputChannels / tile.shared[1]);
}

/** The same for threads of few registers: see {@linkcode SquareTile}. */
function squareForward(
  recorder: Recorder,
  convolution: Convolution,
  { x, weights, bias, y }: Parameters<typeof conv3x3Forward>[2],
  count: number,
  tile: SquareTile,
): void {
  const { inputChannels, outputChannels, size } = convolution;
  const compiled = squareKernel(recorder.gpu, convolution, tile, {
    output: plainOutput,
    ...activationInclude("conv3x3Forward", { x, y }),
  });
  recorder.dispatch(
    compiled,
    [x, weights, bias, y],
    [squareGroups(convolution, tile, count)],
    unsigned(inputChannels / 4, outputChannels / 4, size),
  );
}

/** The kernel of {@linkcode SquareTile}, with what its `output` and its other includes want: SUMS sums of every row, 0 unless told. */
export function squareKernel(
  gpu: Gpu,
  convolution: Convolution,
  tile: SquareTile,
  includes: ShaderIncludes & { output: string },
  constants: ShaderConstants & { SUMS?: number } = {},
): Kernel {
  const { size, stride } = convolution;
  const { size: [rowsOfThread, columns], group, shared: [, channels] } = tile;
  const { SUMS = 0 } = constants;
  const { samples, rows, pairs } = squareBlock(convolution, tile, SUMS)!;
  return kernel(gpu, "conv3x3_square", squareSource, {
    S: stride,
    W: size,
    SAMPLES: samples,
    ROWS: rows,
    TH: rowsOfThread,
    TW: columns,
    TK: 1,
    READ: Math.ceil((stride * (columns - 1) + 3) / 2),
    SPAN: planePairs(convolution, rows),
    SPACE: pairs,
    LANES: channels / 4,
    GROUP: group,
    SUMS,
    // Where threads of a row have turns, as many as possible of a subgroup should have theirs at once, if that costs more than lines of a
    // cache that neighbours in a row share.
    BELOW: SUMS * size / columns > 4 ? 1 : 0,
    ...constants,
  }, { ...includes, place, row_sums: rowSums });
}

/** Workgroups of {@linkcode squareKernel} for `count` samples. */
export function squareGroups(
  convolution: Convolution,
  tile: SquareTile,
  count: number,
): number {
  const { samples, rows } = squareBlock(convolution, tile)!;
  const blocks = count / samples * (convolution.size / rows);
  return blocks * (convolution.outputChannels / tile.shared[1]);
}
