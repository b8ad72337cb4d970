import { kernel } from "../../kernel.ts";
import type { ActivationKind } from "../../nn/inference/inference_network.ts";
import type { Recorder } from "../../recorder.ts";
import type { Tensor } from "../../tensor.ts";
import { assertShape } from "../../tensor_checks.ts";
import { groupThatDivides } from "../../tiles.ts";
import tanhSource from "../../wgsl/lib/tanh.wgsl" with { type: "text" };
import source from "../../wgsl/inference/activate.wgsl" with {
  type: "text",
};

/**
 * y = max(x, 0) or tanh(x).
 *
 * x [N, C/4, H, W, 4]; y the same, or with a border of one pixel that stays zero.
 *
 * @throws {GpuError} when a shape does not fit
 */
export function activate(
  recorder: Recorder,
  kind: ActivationKind,
  { x, y }: { x: Tensor; y: Tensor },
  count: number,
): void {
  const [capacity, channels4, size] = x.shape;
  const border = y.shape[2] === size ? 0 : 1;
  const side = size + 2 * border;
  assertShape("activate", "x", x, [capacity, channels4, size, size, 4]);
  assertShape("activate", "y", y, [capacity, channels4, side, side, 4]);
  const threads = count * channels4 * size;
  const group = groupThatDivides(threads, recorder.gpu.tiles.group);
  const compiled = kernel(recorder.gpu, "activate", source, {
    H: size,
    W: size,
    BORDER: border,
    TANH: kind === "tanh" ? 1 : 0,
    GROUP: group,
  }, { tanh: tanhSource });
  recorder.dispatch(compiled, [x, y], [threads / group]);
}
