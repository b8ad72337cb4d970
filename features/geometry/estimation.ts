import { pointsOnBestLine } from "./line_support.ts";
import type { Matrix3 } from "./matrix3.ts";
import type { ModelKind } from "./model_kind.ts";
import type { PointPairs } from "./point_pairs.ts";
import { inliersOf, type RobustFit, type RobustOptions } from "./robust_fit.ts";
import { acceptedLog10FalseAlarms, log10FalseAlarms } from "./significance.ts";

/** How a model between two photographs is estimated; every key has a default. */
export interface EstimationOptions extends Partial<RobustOptions> {}

/**
 * Why pairs give no model:
 * - `too few pairs`: fewer than determine one
 * - `no consensus`: the best model's inliers are no more than chance gives pairs that have nothing to do with each other
 * - `pairs on one line`: those that agree lie on a line in one of the photographs (or all in one place)
 * - `one plane`: a homography explains all pairs that agree (with known intrinsics: that of a camera that only turned), so that any of
 *   many matrices would do
 */
export type NoModelReason =
  | "too few pairs"
  | "no consensus"
  | "pairs on one line"
  | "one plane";

/** That there is no model, and why. */
export interface NoModel {
  /** there is none */
  found: false;
  /** why */
  reason: NoModelReason;
  /** samples drawn */
  iterations: number;
}

/** A model between two photographs and the pairs that belong to it. */
export interface EstimatedModel {
  /** there is one */
  found: true;
  /** [9] the model, row by row */
  matrix: Matrix3;
  /** numbers of the pairs that belong to the model, rising */
  inliers: Uint32Array;
  /** [pairs] errors in pixels; Infinity where a pair cannot belong to the model */
  errorsPixels: Float64Array;
  /** decimal logarithm of how many models as well supported chance would give; see {@linkcode log10FalseAlarms} */
  log10FalseAlarms: number;
  /** samples drawn */
  iterations: number;
}

/**
 * The options with their defaults.
 *
 * @throws {RangeError} when one is out of its range
 */
export function completeOptions(
  options: EstimationOptions,
  thresholdPixels: number,
): RobustOptions {
  const complete: RobustOptions = {
    thresholdPixels,
    confidence: 0.9999,
    maxIterations: 10_000,
    seed: 0,
    ...options,
  };
  const { confidence, maxIterations, seed } = complete;
  const wanted: [fine: boolean, text: string][] = [
    [complete.thresholdPixels > 0, "thresholdPixels above 0"],
    [complete.thresholdPixels < Infinity, "a finite thresholdPixels"],
    [confidence > 0 && confidence < 1, "confidence between 0 and 1"],
    [Number.isSafeInteger(seed) && seed >= 0, "a seed of 0, 1, 2, …"],
    [
      Number.isSafeInteger(maxIterations) && maxIterations > 0,
      "maxIterations of 1, 2, 3, …",
    ],
  ];
  for (const [fine, text] of wanted) {
    if (!fine) throw new RangeError(`wanted ${text}`);
  }
  return complete;
}

/** Numbers from 0 to count − 1. */
export function firstNumbers(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, number) => number);
}

/**
 * Why there is no model, or none to be trusted: the support is an accident, or is one without the pairs on some line, which
 * leave a model free.
 *
 * @param fit the best one, if any sample determined one
 * @param offLineSample pairs off a line that determine the model together with all pairs on it
 */
export function supportFault(
  kind: ModelKind,
  pairs: PointPairs,
  fit: RobustFit | undefined,
  options: RobustOptions,
  offLineSample: number,
): NoModelReason | undefined {
  const { thresholdPixels, seed } = options;
  const sides = [pairs.left, pairs.right];
  const all = firstNumbers(pairs.left.length / 2);
  const offLine = (points: Float64Array, members: Uint32Array) => {
    const on = pointsOnBestLine(points, members, 2 * thresholdPixels, seed);
    return (numbers: Uint32Array) =>
      numbers.reduce((sum, number) => sum + 1 - on[number], 0);
  };
  const inliers = fit === undefined
    ? all.subarray(0, 0)
    : inliersOf(fit.squaredErrors, thresholdPixels);
  const falseAlarms = falseAlarmsOf(kind, pairs, thresholdPixels);
  if (
    !(falseAlarms(all.length, inliers.length, kind.sampleSize) <
      acceptedLog10FalseAlarms)
  ) {
    return sides.some((points) => offLine(points, all)(all) < offLineSample)
      ? "pairs on one line"
      : "no consensus";
  }
  for (const points of sides) {
    const off = offLine(points, inliers);
    if (
      falseAlarms(off(all), off(inliers), offLineSample) <
        acceptedLog10FalseAlarms
    ) continue;
    // Of a few pairs chance puts two or three on some line.
    return 2 * off(inliers) < inliers.length
      ? "pairs on one line"
      : "no consensus";
  }
  return undefined;
}

/**
 * Whether a fit holds for more pairs elsewhere than chance gives: those that a plane does not explain, two of which determine
 * the model together with the plane.
 */
export function holdsElsewhere(
  kind: ModelKind,
  pairs: PointPairs,
  fit: RobustFit,
  { thresholdPixels }: RobustOptions,
  isElsewhere: (pair: number) => boolean,
): boolean {
  const all = firstNumbers(pairs.left.length / 2);
  const inliers = inliersOf(fit.squaredErrors, thresholdPixels);
  return falseAlarmsOf(kind, pairs, thresholdPixels)(
    all.filter(isElsewhere).length,
    inliers.filter(isElsewhere).length,
    2,
  ) < acceptedLog10FalseAlarms;
}

/** {@linkcode log10FalseAlarms} of a kind's models among these pairs. */
function falseAlarmsOf(
  kind: ModelKind,
  pairs: PointPairs,
  thresholdPixels: number,
): (count: number, inliers: number, sampleSize: number) => number {
  const chance = kind.chance(pairs, thresholdPixels);
  return (count, inliers, sampleSize) =>
    log10FalseAlarms(
      count,
      inliers,
      sampleSize,
      kind.modelsPerSample,
      chance,
    );
}

/** A fit with what is told about it. */
export function describeFit(
  kind: ModelKind,
  pairs: PointPairs,
  fit: RobustFit,
  { thresholdPixels }: RobustOptions,
  iterations: number,
): EstimatedModel {
  const { model, squaredErrors } = fit;
  const inliers = inliersOf(squaredErrors, thresholdPixels);
  const falseAlarms = falseAlarmsOf(kind, pairs, thresholdPixels);
  return {
    found: true,
    matrix: model,
    inliers,
    errorsPixels: squaredErrors.map(Math.sqrt),
    log10FalseAlarms: falseAlarms(
      squaredErrors.length,
      inliers.length,
      kind.sampleSize,
    ),
    iterations,
  };
}
