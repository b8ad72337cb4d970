import { activationInclude } from "../../activation.ts";
import { kernel } from "../../kernel.ts";
import type { Recorder, TensorSlice } from "../../recorder.ts";
import type { Tensor } from "../../tensor.ts";
import { assertShape, assertSize } from "../../tensor_checks.ts";
import { groupThatDivides } from "../../tiles.ts";
import forwardSource from "../../wgsl/convolution/conv3x3_first.wgsl" with {
  type: "text",
};

const tilePixels = 8;

/**
 * y[n,k,i,j] = bias[k] + Σ_{p,q} w[k,p,q] · x[n,i+p−1,j+q−1]: the convolution of one input channel.
 *
 * x [N, H+2, W+2] with a border of one zero pixel, weights [3, 3, K] flat, bias [K], y [N, K/4, H, W, 4] in 32 or 16 bits.
 *
 * @throws {GpuError} when a shape does not fit
 */
export function conv3x3FirstForward(
  recorder: Recorder,
  tensors: { x: Tensor; weights: TensorSlice; bias: TensorSlice; y: Tensor },
  count: number,
): void {
  const { x, weights, bias, y } = tensors;
  const [capacity, channels4, size] = y.shape;
  assertShape("conv3x3FirstForward", "x", x, [capacity, size + 2, size + 2]);
  assertSize("conv3x3FirstForward", "weights", weights, 36 * channels4);
  assertSize("conv3x3FirstForward", "bias", bias, 4 * channels4);
  const threads = count * size * (size / tilePixels);
  const group = groupThatDivides(threads, recorder.gpu.tiles.group);
  const compiled = kernel(recorder.gpu, "conv3x3_first", forwardSource, {
    OUT4: channels4,
    H: size,
    W: size,
    TW: tilePixels,
    GROUP: group,
  }, activationInclude("conv3x3FirstForward", { y }));
  recorder.dispatch(compiled, [x, weights, bias, y], [threads / group]);
}
