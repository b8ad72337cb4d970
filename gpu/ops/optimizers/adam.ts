import { kernel } from "../../kernel.ts";
import type { Recorder } from "../../recorder.ts";
import source from "../../wgsl/optimizer/adam.wgsl" with { type: "text" };
import {
  assertOptimizerShapes,
  type OptimizerOptions,
  type OptimizerTensors,
} from "./optimizer.ts";

/** Decay of the second moments (fastai's `sqr_mom`). */
export const squareMomentum = 0.99;
/** Added to the root of the debiased second moment. */
export const adamEpsilon = 1e-5;

/**
 * One step of Adam with decoupled weight decay, in place:
 *
 *     p ← p·(1 − lr·wd) unless exempt;  m ← mom·m + (1 − mom)·g;  v ← 0.99·v + 0.01·g²
 *     p ← p − lr/(1 − mom^t) · m / (√(v/(1 − 0.99^t)) + 1e-5)
 *
 * The debias uses the momentum of this step, not the product of past ones, and ε is added outside the root. Source:
 * fastai v2's Adam as the authors used it.
 *
 * @throws {GpuError} when the four tensors differ in shape
 */
export function adamStep(
  recorder: Recorder,
  tensors: OptimizerTensors,
  options: OptimizerOptions,
): void {
  const { values, gradients, firstMoments, secondMoments } = tensors;
  const count = assertOptimizerShapes("adamStep", tensors);
  const { learningRate, momentum, weightDecay, step, decayedCount } = options;
  recorder.dispatch(
    kernel(recorder.gpu, "adam", source, {
      SQUARE_MOMENTUM: { f32: squareMomentum },
      SQUARE_REST: { f32: 1 - squareMomentum },
      EPSILON: { f32: adamEpsilon },
    }),
    [values, gradients, firstMoments, secondMoments],
    [Math.ceil(count / 256)],
    [
      { u32: count },
      { u32: decayedCount },
      { f32: learningRate * weightDecay },
      { f32: momentum },
      { f32: 1 - momentum },
      { f32: learningRate / (1 - momentum ** step) },
      { f32: 1 / (1 - squareMomentum ** step) },
    ],
  );
}
