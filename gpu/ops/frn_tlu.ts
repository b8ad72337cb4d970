import { activationInclude, activationTypes } from "../activation.ts";
import { kernel } from "../kernel.ts";
import {
  type Dropout,
  dropoutInclude,
  dropoutUniform,
  type FrnTluParameters,
  mapThreads,
} from "../normalization.ts";
import { type Recorder, unsigned } from "../recorder.ts";
import type { Tensor } from "../tensor.ts";
import { assertShape } from "../tensor_checks.ts";
import { groupThatDivides } from "../tiles.ts";
import rowsSource from "../wgsl/normalization/frn_tlu_rows.wgsl" with {
  type: "text",
};
import forwardSource from "../wgsl/normalization/frn_tlu.wgsl" with {
  type: "text",
};

/** Added to the mean square; a stored buffer of the authors' network that no training changes. */
export const frnEpsilon = 1e-6;

/**
 * u = x · (mean_{h,w}(x²) + ε)^−½;  y = max(γ·u + β, τ);  with dropout y ← y · keep / (1 − rate).
 *
 * x [N, C/4, H, W, 4]; y the same, or with a border of one pixel that stays zero; both in 32 or in 16 bits; scale [N, C] keeps
 * the root.
 * Sources: filter response normalisation and TLU as HyNet stacks them; dropout before the last convolution.
 *
 * @throws {GpuError} when a shape does not fit
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
  const { byRows, threads, most } = mapThreads(
    recorder.gpu.tiles,
    count * channels4,
    size,
  );
  const group = groupThatDivides(threads, most);
  const name = byRows ? "frn_tlu_rows" : "frn_tlu";
  const text = byRows ? rowsSource : forwardSource;
  const compiled = kernel(recorder.gpu, name, text, {
    DROPOUT: dropout === undefined ? 0 : 1,
    EPSILON: { f32: frnEpsilon },
    GROUP: group,
  }, { ...dropoutInclude, ...activationInclude("frnTluForward", { x, y }) });
  const { gamma, beta, tau } = parameters;
  recorder.dispatch(
    compiled,
    [x, gamma, beta, tau, scale, y],
    [threads / group],
    [...unsigned(channels4, size, size, border), ...dropoutUniform(dropout)],
  );
}
