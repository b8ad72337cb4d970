import { kernel } from "../kernel.ts";
import type { FrnTluParameters } from "../normalization.ts";
import type { Recorder, TensorSlice } from "../recorder.ts";
import type { Tensor } from "../tensor.ts";
import { assertShape } from "../tensor_checks.ts";
import { groupThatDivides } from "../tiles.ts";
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
  const group = groupThatDivides(count, recorder.gpu.tiles.group);
  const compiled = kernel(recorder.gpu, "input_frn_tlu", forwardSource, {
    H: padded - 2,
    W: padded - 2,
    EPSILON: { f32: epsilon },
    GROUP: group,
  });
  const { gamma, beta, tau } = parameters;
  recorder.dispatch(
    compiled,
    [x, gamma, beta, tau, scale, y],
    [count / group],
  );
}
