import { activationInclude } from "../activation.ts";
import { kernel } from "../kernel.ts";
import {
  type Dropout,
  dropoutInclude,
  dropoutUniform,
  type FrnTluParameters,
  mapThreads,
  segmentColumns,
} from "../normalization.ts";
import { type Recorder, type TensorSlice, unsigned } from "../recorder.ts";
import type { Tensor } from "../tensor.ts";
import { assertShape } from "../tensor_checks.ts";
import { groupThatDivides } from "../tiles.ts";
import rowsSource from "../wgsl/normalization/frn_tlu_backward_rows.wgsl" with {
  type: "text",
};
import source from "../wgsl/normalization/frn_tlu_backward.wgsl" with {
  type: "text",
};

/**
 * With z = γ·u + β, passed = z > τ, ∂z = passed·∂y: ∂x = r·(γ·∂z − u·mean(γ·∂z·u)), and per sample Σ ∂z·u (γ), Σ ∂z (β),
 * Σ (1−passed)·∂y (τ), Σ ∂x (the bias of the convolution before).
 *
 * x (in 32 or 16 bits), ∂y [N, C/4, H, W, 4]; ∂x with a border of one pixel that stays zero; partial [N, 4, C], to be
 * added by `accumulate`.
 *
 * @throws {GpuError} when a shape does not fit
 */
export function frnTluBackward(
  recorder: Recorder,
  parameters: FrnTluParameters,
  tensors: {
    x: Tensor;
    scale: Tensor;
    dy: Tensor;
    dx: Tensor;
    partial: TensorSlice;
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
  const { byRows, threads, most } = mapThreads(
    recorder.gpu.tiles,
    count * channels4,
    size,
  );
  const group = groupThatDivides(threads, most);
  const name = byRows ? "frn_tlu_backward_rows" : "frn_tlu_backward";
  const text = byRows ? rowsSource : source;
  const compiled = kernel(recorder.gpu, name, text, {
    DROPOUT: dropout === undefined ? 0 : 1,
    GROUP: group,
    ...(byRows ? { SEGMENT: segmentColumns } : {}),
  }, { ...dropoutInclude, ...activationInclude("frnTluBackward", { x }) });
  const { gamma, beta, tau } = parameters;
  recorder.dispatch(
    compiled,
    [x, gamma, beta, tau, scale, dy, dx, partial],
    [threads / group],
    [...unsigned(channels4, size, size), ...dropoutUniform(dropout)],
  );
}
