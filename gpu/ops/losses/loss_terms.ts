import type { LossName } from "../../nn/losses.ts";
import type { Recorder } from "../../recorder.ts";
import type { Tensor } from "../../tensor.ts";
import { assertShape } from "../../tensor_checks.ts";

/** Added to the squared distance before its root. */
export const squareDistanceEpsilon = 1e-6;

/** What the loss of one mining round depends on besides the descriptors; names as the authors' flags. */
export interface LossOptions {
  kind: LossName;
  /** Weight of a² against b² − B·b. */
  R: number;
  /** Twice the zero position; unused with `useStB`. */
  B: number;
  /** Weight of the positives' median in B; counts with `useStB` only. */
  A: number;
  /** B = 2·(median(b) + A·median(a)) without gradient. */
  useStB: boolean;
  /** Level up to which W is 0. */
  threshold: number;
  /** Level from which on the teacher's W is 1. */
  upper: number;
  /** The triplet loss's margin. */
  marginpos: number;
  /** Mining rounds, whose losses are averaged. */
  negNum: number;
}

/** What the passes of the loss hand each other, for up to C classes. */
export interface LossTensors {
  /** [C, 2]: (a, b) of the student */
  distance: Tensor;
  /** [C, 2]: (a, b) that levels are read from: the teacher's, or the student's again */
  levelDistance: Tensor;
  /** [2]: median(a), median(b) */
  medians: Tensor;
  /** [C, 2]: factors of x_i − x_j in the gradient */
  coefficients: Tensor;
  /** [C, 4]: loss without its constant, W, level, B/2 */
  terms: Tensor;
  /** [2C]: gradient with respect to the lengths that rows had before they were normalised, of a loss that asks for them */
  normGradient: Tensor;
  /** [8]: what a loss carries from step to step */
  running: Tensor;
}

/** What a step has besides its batch. */
export interface LossStep {
  /** share of all steps that are done, in [0, 1) */
  progress: number;
  /** [≥ samples]: length of each row before it was normalised */
  norm?: Tensor;
}

/**
 * Records the loss per class of one mining round, and its derivative's factors: from `distance` to `terms` and `coefficients`. Each
 * loss has one, or shares that of others.
 */
export type LossTerms = (
  recorder: Recorder,
  tensors: LossTensors,
  classCount: number,
  options: LossOptions,
  step: LossStep,
) => void;

/**
 * Requires the shapes of `distance`, `coefficients` and `terms`.
 *
 * @throws {GpuError} when one has another
 */
export function assertTermsShapes(
  op: string,
  { distance, coefficients, terms }: LossTensors,
): void {
  const [capacity] = terms.shape;
  assertShape(op, "distance", distance, [capacity, 2]);
  assertShape(op, "coefficients", coefficients, [capacity, 2]);
  assertShape(op, "terms", terms, [capacity, 4]);
}
