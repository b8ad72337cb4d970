import { activationInclude } from "../../activation.ts";
import { type Convolution, sampleGroup } from "../../convolution.ts";
import { weightBinding, weightBlocks } from "../../convolution_weights.ts";
import type { Gpu } from "../../device.ts";
import { type Kernel, kernel } from "../../kernel.ts";
import { type Recorder, type TensorSlice, unsigned } from "../../recorder.ts";
import type { Tensor } from "../../tensor.ts";
import { assertShape, assertSize } from "../../tensor_checks.ts";
import { isSquare, type SquareTile } from "../../tiles/square_tile.ts";
import { transposedSquareBlock } from "../../tiles/square_transposed.ts";
import { groupThatDivides, tileOf } from "../../tiles.ts";
import type { ShaderIncludes } from "../../wgsl.ts";
import squareSource from "../../wgsl/convolution/conv3x3_transposed_square.wgsl" with {
  type: "text",
};
import gradientOutput from "../../wgsl/lib/outputs/output_gradient.wgsl" with {
  type: "text",
};
import place from "../../wgsl/lib/outputs/place.wgsl" with { type: "text" };
import rowSums from "../../wgsl/lib/outputs/row_sums.wgsl" with {
  type: "text",
};
import transposedSource from "../../wgsl/convolution/conv3x3_transposed.wgsl" with {
  type: "text",
};

/** Output channels of one dispatch of the input gradient, whose tiles hold four parities: see {@linkcode channelBlock}. */
export const transposedChannelBlock = 8;

/**
 * ∂x[n,k,i,j] = Σ_{c,p,q} w[c,k,p,q] · ∂y[n,c,(i+1−p)/2,(j+1−q)/2]: the input gradient at stride 2, a transposed convolution.
 *
 * ∂y [N, K/4, H+2, W+2, 4] with a border of one zero pixel, transposed weights [C/8, K/4, 3, 3, 4, 8] flat,
 * ∂x [N, C/4, 2H, 2W, 4]. (At stride 1 the input gradient is `conv3x3Forward` with flipped, transposed weights.)
 *
 * @throws {GpuError} when a shape does not fit
 */
export function conv3x3InputGradientStride2(
  recorder: Recorder,
  convolution: Convolution,
  tensors: { dy: Tensor; transposedWeights: TensorSlice; dx: Tensor },
  count: number,
): void {
  const { inputChannels, outputChannels, size } = convolution;
  const { dy, transposedWeights, dx } = tensors;
  const capacity = dy.shape[0];
  assertShape("conv3x3InputGradientStride2", "dy", dy, [
    capacity,
    outputChannels / 4,
    size + 2,
    size + 2,
    4,
  ]);
  assertShape("conv3x3InputGradientStride2", "dx", dx, [
    capacity,
    inputChannels / 4,
    2 * size,
    2 * size,
    4,
  ]);
  assertSize(
    "conv3x3InputGradientStride2",
    "transposedWeights",
    transposedWeights,
    inputChannels * outputChannels * 9,
  );
  const tile = tileOf(recorder.gpu.tiles, "conv3x3_transposed", convolution);
  if (isSquare(tile)) {
    squareInputGradient(recorder, convolution, tensors, count, tile);
    return;
  }
  const { size: [tileRows, tileColumns], group: most } = tile;
  const threadsOfSample = (size / tileRows) * (size / tileColumns);
  const group = groupThatDivides(sampleGroup * threadsOfSample, most);
  const blockSize = outputChannels * 9 * transposedChannelBlock;
  const blocks = inputChannels / transposedChannelBlock;
  const blocksAtOnce = recorder.gpu.tiles.uniformWindows ? 1 : blocks;
  const compiled = kernel(
    recorder.gpu,
    "conv3x3_transposed",
    transposedSource,
    {
      K4: transposedChannelBlock / 4,
      TH: tileRows,
      TW: tileColumns,
      GROUP: group,
    },
    weightBinding(blocksAtOnce * blockSize * 4),
  );
  const threads = count * threadsOfSample;
  const shape = [outputChannels / 4, inputChannels / 4, size, size];
  for (let block = 0; block < blocks; block += blocksAtOnce) {
    const blockWeights = weightBlocks(
      transposedWeights,
      block * blockSize,
      blocksAtOnce * blockSize,
    );
    recorder.dispatch(
      compiled,
      [dy, blockWeights, dx],
      [threads / group, blocksAtOnce],
      unsigned(...shape, block * transposedChannelBlock / 4),
    );
  }
}

/** The same for threads of few registers: see {@linkcode SquareTile}. */
function squareInputGradient(
  recorder: Recorder,
  convolution: Convolution,
  { dy, transposedWeights, dx }: Parameters<
    typeof conv3x3InputGradientStride2
  >[2],
  count: number,
  tile: SquareTile,
): void {
  const { inputChannels, outputChannels, size } = convolution;
  const compiled = transposedSquareKernel(recorder.gpu, convolution, tile, {
    output: gradientOutput,
    ...activationInclude("conv3x3InputGradientStride2", { dy }),
  });
  recorder.dispatch(
    compiled,
    [dy, transposedWeights, dx],
    [transposedSquareGroups(convolution, tile, count)],
    unsigned(outputChannels / 4, inputChannels / 4, 2 * size),
  );
}

/** The kernel of {@linkcode squareInputGradient}, with what its `output` and its other includes want: `sums` sums of every row. */
export function transposedSquareKernel(
  gpu: Gpu,
  convolution: Convolution,
  tile: SquareTile,
  includes: ShaderIncludes & { output: string },
  sums = 0,
): Kernel {
  const { group, shared: [, channels] } = tile;
  const block = transposedSquareBlock(convolution, tile, sums)!;
  return kernel(gpu, "conv3x3_transposed_square", squareSource, {
    W: 2 * convolution.size,
    SAMPLES: block.samples,
    ROWS: 2 * block.rows,
    TH: 2,
    TW: 8,
    TK: 1,
    SPACE: block.pairs,
    LANES: channels / 4,
    GROUP: group,
    SUMS: sums,
  }, { ...includes, place, row_sums: rowSums });
}

/** Workgroups of {@linkcode transposedSquareKernel} for `count` samples. */
export function transposedSquareGroups(
  convolution: Convolution,
  tile: SquareTile,
  count: number,
): number {
  const { samples, rows } = transposedSquareBlock(convolution, tile)!;
  const blocks = count / samples * (convolution.size / rows);
  return blocks * (convolution.inputChannels / tile.shared[1]);
}
