import {
  completeOptions,
  describeFit,
  type EstimatedModel,
  type EstimationOptions,
  firstNumbers,
  holdsElsewhere,
  type NoModel,
  supportFault,
} from "./estimation.ts";
import {
  fundamentalKind,
  fundamentalThroughPlane,
} from "./fundamental_kind.ts";
import { estimateHomography } from "./estimate_homography.ts";
import { homographyKind } from "./homography_kind.ts";
import { choosePairs, countPairs, type PointPairs } from "./point_pairs.ts";
import {
  fitRobustly,
  inliersOf,
  type RobustFit,
  type RobustOptions,
} from "./robust_fit.ts";

/** A fundamental matrix and what a plane has to do with it. */
export interface EstimatedFundamental extends EstimatedModel {
  /** share of the inliers that one homography explains, in [0, 1]: near 1 the matrix hangs on few pairs off that plane */
  planeShare: number;
}

/** From this share of one plane on, the pairs off it are asked for a better matrix. */
const dominantShare = 0.5;

/**
 * Estimates the fundamental matrix, rightᵀ·F·left = 0, from pairs of which many may be wrong: what holds between two
 * photographs of a rigid scene from two places. `matrix` has rank 2 and length 1; a pair's error is Sampson's. Where one
 * plane carries most pairs, the matrix is sought through that plane's homography and pairs off it (Chum, Werner and Matas
 * 2005); where it carries all, as with one photograph twice, there is none.
 *
 * A pure function of its arguments. Scaling all coordinates and the threshold alike changes nothing but units.
 *
 * @param options thresholdPixels by default 1.5
 * @returns the matrix and its inliers, or the reason why there is none
 * @throws {RangeError} when coordinates are missing or not finite, or an option is out of its range
 */
export function estimateFundamental(
  pairs: PointPairs,
  options: EstimationOptions = {},
): EstimatedFundamental | NoModel {
  const complete = completeOptions(options, 1.5);
  const count = countPairs(pairs);
  if (count < fundamentalKind.sampleSize) {
    return { found: false, reason: "too few pairs", iterations: 0 };
  }
  const all = firstNumbers(count);
  const first = fitRobustly(fundamentalKind, pairs, all, complete);
  let { best, iterations } = first;
  // Exact pairs of one plane leave every sample's matrix free.
  const fault = best === undefined && estimateHomography(pairs, complete).found
    ? "one plane"
    : supportFault(fundamentalKind, pairs, best, complete, 4);
  if (best === undefined || fault !== undefined) {
    return { found: false, reason: fault ?? "no consensus", iterations };
  }
  const plane = planeOf(pairs, best, complete);
  if (plane !== undefined && shareOn(plane, best, complete) > dominantShare) {
    const isElsewhere = (pair: number) => !isOn(plane, pair, complete);
    const second = fitRobustly(
      fundamentalThroughPlane(plane.model),
      pairs,
      all.filter(isElsewhere),
      complete,
    );
    iterations += second.iterations;
    if (second.best !== undefined && second.best.cost < best.cost) {
      best = second.best;
    }
    if (!holdsElsewhere(fundamentalKind, pairs, best, complete, isElsewhere)) {
      return { found: false, reason: "one plane", iterations };
    }
  }
  return {
    ...describeFit(fundamentalKind, pairs, best, complete, iterations),
    planeShare: plane === undefined ? 0 : shareOn(plane, best, complete),
  };
}

/** The homography that explains most of a fit's inliers, with its errors for all pairs. */
function planeOf(
  pairs: PointPairs,
  fit: RobustFit,
  options: RobustOptions,
): RobustFit | undefined {
  const inliers = inliersOf(fit.squaredErrors, options.thresholdPixels);
  const among = choosePairs(pairs, inliers);
  const { best } = fitRobustly(
    homographyKind,
    among,
    firstNumbers(inliers.length),
    options,
  );
  if (best === undefined) return undefined;
  const squaredErrors = new Float64Array(pairs.left.length / 2);
  homographyKind.squaredErrors(
    best.model,
    pairs,
    0,
    squaredErrors.length,
    squaredErrors,
  );
  return { ...best, squaredErrors };
}

/** Whether the plane explains a pair: within twice the threshold, for it was fitted to part of the pairs only. */
function isOn(
  plane: RobustFit,
  pair: number,
  { thresholdPixels }: RobustOptions,
): boolean {
  return plane.squaredErrors[pair] <= (2 * thresholdPixels) ** 2;
}

/** Share of a fit's inliers that the plane explains. */
function shareOn(
  plane: RobustFit,
  fit: RobustFit,
  options: RobustOptions,
): number {
  const inliers = inliersOf(fit.squaredErrors, options.thresholdPixels);
  return inliers.filter((pair) => isOn(plane, pair, options)).length /
    inliers.length;
}
