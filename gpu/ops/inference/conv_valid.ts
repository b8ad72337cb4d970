import { kernel } from "../../kernel.ts";
import type { Recorder, TensorSlice } from "../../recorder.ts";
import type { Tensor } from "../../tensor.ts";
import { assertShape, assertSize } from "../../tensor_checks.ts";
import { groupThatDivides } from "../../tiles.ts";
import source from "../../wgsl/inference/conv_valid.wgsl" with {
  type: "text",
};

/** Pixels of a row that one thread computes: the most that divide the row. */
const tilesPixels = [4, 2, 1];
/** Blocks of four channels that one thread computes. */
const outputBlocks4 = 4;

/**
 * y[n,k,i,j] = bias[k] + Σ_{c,p,q} w[k,c,p,q] · x[n,c,i+p,j+q]: a convolution without padding.
 *
 * x [N, H+P−1, W+P−1] of one channel or [N, C/4, H+P−1, W+P−1, 4], weights [C, P, P, K] flat, bias [K], y [N, K/4, H, W, 4]; K is a multiple
 * of 16.
 *
 * @param kernelSize P
 * @throws {GpuError} when a shape does not fit
 */
export function convValidForward(
  recorder: Recorder,
  kernelSize: number,
  tensors: { x: Tensor; weights: TensorSlice; bias: TensorSlice; y: Tensor },
  count: number,
): void {
  const { x, weights, bias, y } = tensors;
  const [capacity, outputs4, size] = y.shape;
  const side = size + kernelSize - 1;
  const isFirst = x.shape.length === 3;
  const channelBlocks = isFirst ? 1 : x.shape[1];
  const together = isFirst ? 1 : 4;
  assertShape(
    "convValidForward",
    "x",
    x,
    isFirst
      ? [capacity, side, side]
      : [capacity, channelBlocks, side, side, together],
  );
  assertShape("convValidForward", "y", y, [capacity, outputs4, size, size, 4]);
  const inputChannels = channelBlocks * together;
  const weightCount = inputChannels * kernelSize ** 2 * outputs4 * 4;
  assertSize("convValidForward", "weights", weights, weightCount);
  assertSize("convValidForward", "bias", bias, outputs4 * 4);
  const tile = tilesPixels.find((pixels) => size % pixels === 0)!;
  const threads = count * (outputs4 / outputBlocks4) * size * (size / tile);
  const group = groupThatDivides(threads, recorder.gpu.tiles.group);
  const compiled = kernel(recorder.gpu, "conv_valid", source, {
    CV: channelBlocks,
    V: together,
    P: kernelSize,
    OUT4: outputs4,
    H: size,
    W: size,
    TW: tile,
    KB: outputBlocks4,
    GROUP: group,
  });
  recorder.dispatch(compiled, [x, weights, bias, y], [threads / group]);
}
