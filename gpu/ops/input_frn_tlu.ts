import { kernel } from "../kernel.ts";
import { type FrnTluParameters, mapThreads } from "../normalization.ts";
import type { Recorder, TensorSlice } from "../recorder.ts";
import type { Tensor } from "../tensor.ts";
import { assertShape } from "../tensor_checks.ts";
import { groupThatDivides } from "../tiles.ts";
import rowsSource from "../wgsl/normalization/input_frn_tlu_rows.wgsl" with {
  type: "text",
};
import forwardSource from "../wgsl/normalization/input_frn_tlu.wgsl" with {
  type: "text",
};

const epsilon = 1e-6;

/**
 * u = x · (mean(x²) + ε)^−½;  y = max(γ·u + β, τ), for patches of one channel.
 *
 * x [N, H, W]; y [N, H+2, W+2] with a border of one pixel that stays zero; scale [N].
 *
 * @throws {GpuError} when a shape does not fit
 */
export function inputFrnTluForward(
  recorder: Recorder,
  parameters: FrnTluParameters,
  tensors: { x: TensorSlice; scale: Tensor; y: Tensor },
  count: number,
): void {
  const { x, scale, y } = tensors;
  const [capacity, padded] = y.shape;
  assertShape("inputFrnTluForward", "scale", scale, [capacity]);
  const size = padded - 2;
  const { byRows, threads, most } = mapThreads(
    recorder.gpu.tiles,
    count,
    size,
  );
  const group = groupThatDivides(threads, most);
  const name = byRows ? "input_frn_tlu_rows" : "input_frn_tlu";
  const text = byRows ? rowsSource : forwardSource;
  const compiled = kernel(recorder.gpu, name, text, {
    ...(byRows ? {} : { H: size }),
    W: size,
    EPSILON: { f32: epsilon },
    GROUP: group,
  });
  const { gamma, beta, tau } = parameters;
  recorder.dispatch(
    compiled,
    [x, gamma, beta, tau, scale, y],
    [threads / group],
  );
}
