import { kernel } from "../../kernel.ts";
import type { Recorder } from "../../recorder.ts";
import source from "../../wgsl/optimizer/sgd.wgsl" with { type: "text" };
import {
  assertOptimizerShapes,
  type OptimizerOptions,
  type OptimizerTensors,
} from "./optimizer.ts";

/**
 * One step of gradient descent with momentum, in place:
 *
 *     m ← mom·m + g + wd·p;  p ← p − lr·m
 *
 * Weight decay goes through the gradient and spares nothing, biases neither; the second moments stay. Source: `torch.optim.SGD` without
 * dampening.
 *
 * @throws {GpuError} when the four tensors differ in shape
 */
export function sgdStep(
  recorder: Recorder,
  tensors: OptimizerTensors,
  { learningRate, momentum, weightDecay }: OptimizerOptions,
): void {
  const count = assertOptimizerShapes("sgdStep", tensors);
  const { values, gradients, firstMoments } = tensors;
  recorder.dispatch(
    kernel(recorder.gpu, "sgd", source),
    [values, gradients, firstMoments],
    [Math.ceil(count / 256)],
    [
      { u32: count },
      { f32: weightDecay },
      { f32: momentum },
      { f32: learningRate },
    ],
  );
}
