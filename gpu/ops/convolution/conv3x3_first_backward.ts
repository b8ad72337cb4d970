import { kernel } from "../../kernel.ts";
import type { Recorder, TensorSlice } from "../../recorder.ts";
import type { Tensor } from "../../tensor.ts";
import { assertShape, assertSize, assertType } from "../../tensor_checks.ts";
import { groupThatDivides } from "../../tiles.ts";
import bothSource from "../../wgsl/convolution/conv3x3_first_backward.wgsl" with {
  type: "text",
};
import inputSource from "../../wgsl/convolution/conv3x3_first_input_gradient.wgsl" with {
  type: "text",
};
import weightSource from "../../wgsl/convolution/conv3x3_first_weight_gradient.wgsl" with {
  type: "text",
};

const tilePixels = 8;
/** Rows of a column that a thread computes where both gradients are one kernel. */
const columnRows = 16;
/** Parts in which a workgroup adds the shares of its threads. */
const shareParts = 4;
/** Threads of a workgroup that every device allows. */
const mostThreads = 256;

/**
 * Both {@linkcode conv3x3FirstInputGradient} and {@linkcode conv3x3FirstWeightGradient}. Where workgroups share what weight gradients
 * read, and have the memory for a map, one kernel, which reads ∂y once and sums in another order: the same whatever the batch and the
 * micro-batch.
 *
 * @throws {GpuError} when a shape does not fit
 */
export function conv3x3FirstBackward(
  recorder: Recorder,
  tensors:
    & Parameters<typeof conv3x3FirstInputGradient>[1]
    & Parameters<typeof conv3x3FirstWeightGradient>[1],
  count: number,
): void {
  const { x, dy, weights, partial, dx } = tensors;
  const [capacity, channels4, padded] = dy.shape;
  const size = padded - 2;
  const rows = Math.min(size, columnRows);
  const group = size * (size / rows);
  const { tiles, device: { limits } } = recorder.gpu;
  const bytes = 4 * padded ** 2 + 16 * 9 * (group + 2 * shareParts);
  const isOne = tiles.sharedKernels.includes("conv3x3_weight_gradient") &&
    size % rows === 0 &&
    group % shareParts === 0 &&
    group <= mostThreads && bytes <= limits.maxComputeWorkgroupStorageSize;
  if (!isOne) {
    conv3x3FirstWeightGradient(recorder, { x, dy, partial }, count);
    conv3x3FirstInputGradient(recorder, { dy, weights, dx }, count);
    return;
  }
  const op = "conv3x3FirstBackward";
  assertType(op, "dy", dy);
  assertShape(op, "x", x, [capacity, padded, padded]);
  assertShape(op, "dx", dx, [capacity, size, size]);
  assertSize(op, "weights", weights, 36 * channels4);
  const compiled = kernel(recorder.gpu, "conv3x3_first_backward", bothSource, {
    OUT4: channels4,
    H: size,
    W: size,
    TH: rows,
    PARTS: shareParts,
    GROUP: group,
  });
  recorder.dispatch(compiled, [x, dy, weights, partial, dx], [count]);
}

/**
 * ∂x[n,i,j] = Σ_{k,p,q} w[k,p,q] · ∂y[n,k,i+1−p,j+1−q].
 *
 * ∂y [N, K/4, H+2, W+2, 4] with a border of one zero pixel, weights [3, 3, K] flat, ∂x [N, H, W].
 *
 * @throws {GpuError} when a shape does not fit
 */
export function conv3x3FirstInputGradient(
  recorder: Recorder,
  tensors: { dy: Tensor; weights: TensorSlice; dx: Tensor },
  count: number,
): void {
  const { dy, weights, dx } = tensors;
  const [capacity, channels4, padded] = dy.shape;
  const size = padded - 2;
  assertType("conv3x3FirstInputGradient", "dy", dy);
  assertShape("conv3x3FirstInputGradient", "dx", dx, [capacity, size, size]);
  assertSize("conv3x3FirstInputGradient", "weights", weights, 36 * channels4);
  const threads = count * size * (size / tilePixels);
  const group = groupThatDivides(threads, recorder.gpu.tiles.group);
  const compiled = kernel(
    recorder.gpu,
    "conv3x3_first_input_gradient",
    inputSource,
    {
      OUT4: channels4,
      H: size,
      W: size,
      TW: tilePixels,
      GROUP: group,
    },
  );
  recorder.dispatch(compiled, [dy, weights, dx], [threads / group]);
}

/**
 * One part per sample of ∂w[k,p,q] = Σ_{n,i,j} ∂y[n,k,i,j] · x[n,i+p−1,j+q−1], to be added by `accumulate`.
 *
 * x [N, H+2, W+2], ∂y [N, K/4, H+2, W+2, 4], both with a border of one zero pixel; partial [N, 9·K].
 *
 * @throws {GpuError} when a shape does not fit
 */
export function conv3x3FirstWeightGradient(
  recorder: Recorder,
  tensors: { x: Tensor; dy: Tensor; partial: TensorSlice },
  count: number,
): void {
  const { x, dy, partial } = tensors;
  const [capacity, channels4, padded] = dy.shape;
  assertType("conv3x3FirstWeightGradient", "dy", dy);
  assertShape("conv3x3FirstWeightGradient", "x", x, [
    capacity,
    padded,
    padded,
  ]);
  const threads = count * channels4;
  const group = groupThatDivides(threads, recorder.gpu.tiles.group);
  const compiled = kernel(
    recorder.gpu,
    "conv3x3_first_weight_gradient",
    weightSource,
    {
      OUT4: channels4,
      H: padded - 2,
      W: padded - 2,
      GROUP: group,
    },
  );
  recorder.dispatch(compiled, [x, dy, partial], [threads / group]);
}
