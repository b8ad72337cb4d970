import { activationInclude, activationTypes } from "../activation.ts";
import { kernel } from "../kernel.ts";
import { randomInclude, type RandomStream, streamUniform } from "../random.ts";
import {
  type Recorder,
  type TensorSlice,
  type UniformValue,
  unsigned,
} from "../recorder.ts";
import type { Tensor } from "../tensor.ts";
import { assertShape } from "../tensor_checks.ts";
import { groupThatDivides } from "../tiles.ts";
import backwardSource from "../wgsl/normalization/frn_tlu_backward.wgsl" with {
  type: "text",
};
import forwardSource from "../wgsl/normalization/frn_tlu.wgsl" with {
  type: "text",
};

/** Added to the mean square; a stored buffer of the authors' network that no training changes. */
export const frnEpsilon = 1e-6;

/** γ, β and τ of one normalisation, [C] each. */
export interface FrnTluParameters {
  gamma: TensorSlice;
  beta: TensorSlice;
  tau: TensorSlice;
}

/** Which elements are dropped: a function of the stream and of the element's place in the whole batch. */
export interface Dropout {
  rate: number;
  stream: RandomStream;
  /** Place of the tensor's first sample in the whole batch. */
  firstSample: number;
}

function dropoutUniform(dropout: Dropout | undefined): UniformValue[] {
  const stream = dropout?.stream ?? { a: 0, b: 0, c: 0 };
  return [
    ...streamUniform(stream),
    { u32: dropout?.firstSample ?? 0 },
    { f32: dropout?.rate ?? 0 },
  ];
}

/**
 * u = x · (mean_{h,w}(x²) + ε)^−½;  y = max(γ·u + β, τ);  with dropout y ← y · keep / (1 − rate).
 *
 * x [N, C/4, H, W, 4]; y the same, or with a border of one pixel that stays zero; both in 32 or in 16 bits; scale [N, C] keeps
 * the root.
 * Sources: filter response normalisation and TLU as HyNet stacks them; dropout before the last convolution.
 *
 * @throws {GpuError} when a shape does not fit.
 */
export function frnTluForward(
  recorder: Recorder,
  parameters: FrnTluParameters,
  tensors: { x: Tensor; scale: Tensor; y: Tensor },
  count: number,
  dropout?: Dropout,
): void {
  const { x, scale, y } = tensors;
  const [capacity, channels4, size] = x.shape;
  const border = (y.shape[2] - size) / 2;
  const side = size + 2 * border;
  const yShape = [capacity, channels4, side, side, 4];
  assertShape("frnTluForward", "y", y, yShape, activationTypes);
  assertShape("frnTluForward", "scale", scale, [capacity, channels4, 4]);
  const threads = count * channels4;
  const group = groupThatDivides(threads, recorder.gpu.tiles.group);
  const compiled = kernel(recorder.gpu, "frn_tlu", forwardSource, {
    DROPOUT: dropout === undefined ? 0 : 1,
    EPSILON: { f32: frnEpsilon },
    GROUP: group,
  }, { ...randomInclude, ...activationInclude("frnTluForward", { x, y }) });
  const { gamma, beta, tau } = parameters;
  recorder.dispatch(
    compiled,
    [x, gamma, beta, tau, scale, y],
    [threads / group],
    [...unsigned(channels4, size, size, border), ...dropoutUniform(dropout)],
  );
}

/**
 * With z = γ·u + β, passed = z > τ, ∂z = passed·∂y: ∂x = r·(γ·∂z − u·mean(γ·∂z·u)), and per sample Σ ∂z·u (γ), Σ ∂z (β),
 * Σ (1−passed)·∂y (τ), Σ ∂x (the bias of the convolution before).
 *
 * x (in 32 or 16 bits), ∂y [N, C/4, H, W, 4]; ∂x with a border of one pixel that stays zero; partial [N, 4, C], to be
 * added by `accumulate`.
 *
 * @throws {GpuError} when a shape does not fit.
 */
export function frnTluBackward(
  recorder: Recorder,
  parameters: FrnTluParameters,
  tensors: {
    x: Tensor;
    scale: Tensor;
    dy: Tensor;
    dx: Tensor;
    partial: Tensor;
  },
  count: number,
  dropout?: Dropout,
): void {
  const { x, scale, dy, dx, partial } = tensors;
  const [capacity, channels4, size] = x.shape;
  assertShape("frnTluBackward", "dy", dy, x.shape);
  assertShape("frnTluBackward", "dx", dx, [
    capacity,
    channels4,
    size + 2,
    size + 2,
    4,
  ]);
  const threads = count * channels4;
  const group = groupThatDivides(threads, recorder.gpu.tiles.group);
  const compiled = kernel(recorder.gpu, "frn_tlu_backward", backwardSource, {
    DROPOUT: dropout === undefined ? 0 : 1,
    GROUP: group,
  }, { ...randomInclude, ...activationInclude("frnTluBackward", { x }) });
  const { gamma, beta, tau } = parameters;
  recorder.dispatch(
    compiled,
    [x, gamma, beta, tau, scale, dy, dx, partial],
    [threads / group],
    [...unsigned(channels4, size, size), ...dropoutUniform(dropout)],
  );
}
