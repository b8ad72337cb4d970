import { kernel } from "../../kernel.ts";
import type { Recorder } from "../../recorder.ts";
import source from "../../wgsl/optimizer/torch_adam.wgsl" with { type: "text" };
import {
  assertOptimizerShapes,
  type OptimizerOptions,
  type OptimizerTensors,
} from "./optimizer.ts";

/** β₂: what the second moments keep of themselves. */
const secondDecay = 0.999;
/** Added to the root of the debiased second moment. */
const epsilon = 1e-8;

/**
 * One step of PyTorch's Adam, in place:
 *
 *     g ← g + wd·p;  m ← mom·m + (1 − mom)·g;  v ← 0.999·v + 0.001·g²
 *     p ← p − lr/(1 − mom^t) · m / (√(v/(1 − 0.999^t)) + 1e-8)
 *
 * Weight decay goes through the gradient and spares nothing, biases neither. Source: `torch.optim.Adam`.
 *
 * @throws {GpuError} when the four tensors differ in shape
 */
export function torchAdamStep(
  recorder: Recorder,
  tensors: OptimizerTensors,
  options: OptimizerOptions,
): void {
  const count = assertOptimizerShapes("torchAdamStep", tensors);
  const { values, gradients, firstMoments, secondMoments } = tensors;
  const { learningRate, momentum, weightDecay, step } = options;
  recorder.dispatch(
    kernel(recorder.gpu, "torch_adam", source, {
      SECOND_DECAY: { f32: secondDecay },
      SECOND_REST: { f32: 1 - secondDecay },
      EPSILON: { f32: epsilon },
    }),
    [values, gradients, firstMoments, secondMoments],
    [Math.ceil(count / 256)],
    [
      { u32: count },
      { f32: weightDecay },
      { f32: momentum },
      { f32: 1 - momentum },
      { f32: learningRate / (1 - momentum ** step) },
      { f32: 1 / (1 - secondDecay ** step) },
    ],
  );
}
