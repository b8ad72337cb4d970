import { kernel } from "../kernel.ts";
import type { FrnTluParameters } from "../normalization.ts";
import type { Recorder, TensorSlice } from "../recorder.ts";
import type { Tensor } from "../tensor.ts";
import { assertShape } from "../tensor_checks.ts";
import { groupThatDivides } from "../tiles.ts";
import source from "../wgsl/normalization/input_frn_tlu_backward.wgsl" with {
  type: "text",
};

/**
 * One part per sample of ∂γ = Σ ∂z·u, ∂β = Σ ∂z, ∂τ = Σ (1−passed)·∂y; the patch itself needs no gradient.
 *
 * x, ∂y [N, H, W]; scale [N]; partial [N, 4], to be added by `accumulate`.
 *
 * @throws {GpuError} when a shape does not fit
 */
export function inputFrnTluBackward(
  recorder: Recorder,
  parameters: FrnTluParameters,
  tensors: {
    x: TensorSlice;
    scale: Tensor;
    dy: Tensor;
    partial: TensorSlice;
  },
  count: number,
): void {
  const { x, scale, dy, partial } = tensors;
  const [capacity, size] = dy.shape;
  assertShape("inputFrnTluBackward", "scale", scale, [capacity]);
  const group = groupThatDivides(count, recorder.gpu.tiles.group);
  const compiled = kernel(
    recorder.gpu,
    "input_frn_tlu_backward",
    source,
    { H: size, W: size, GROUP: group },
  );
  const { gamma, beta, tau } = parameters;
  recorder.dispatch(
    compiled,
    [x, gamma, beta, tau, scale, dy, partial],
    [count / group],
  );
}
