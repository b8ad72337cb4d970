import type { Recorder } from "../../recorder.ts";
import type { Tensor } from "../../tensor.ts";
import { assertShape } from "../../tensor_checks.ts";

/** What a step of an optimizer updates; all of shape [P]. */
export interface OptimizerTensors {
  values: Tensor;
  gradients: Tensor;
  firstMoments: Tensor;
  secondMoments: Tensor;
}

/** The hyper-parameters of one step. */
export interface OptimizerOptions {
  learningRate: number;
  /** This step's momentum (β₁), which a schedule may move. */
  momentum: number;
  /** Weight decay. */
  weightDecay: number;
  /** 1 for the first step. */
  step: number;
  /** Elements 0 … decayedCount − 1 are weights; the rest are biases, which fastai's rule exempts from decay. */
  decayedCount: number;
}

/** Records one step of an optimizer, in place. */
export type OptimizerOperation = (
  recorder: Recorder,
  tensors: OptimizerTensors,
  options: OptimizerOptions,
) => void;

/**
 * Requires four flat tensors of one size, which it returns.
 *
 * @throws {GpuError} when they differ in shape
 */
export function assertOptimizerShapes(
  op: string,
  { values, gradients, firstMoments, secondMoments }: OptimizerTensors,
): number {
  const count = values.size;
  assertShape(op, "values", values, [count]);
  assertShape(op, "gradients", gradients, [count]);
  assertShape(op, "firstMoments", firstMoments, [count]);
  assertShape(op, "secondMoments", secondMoments, [count]);
  return count;
}
