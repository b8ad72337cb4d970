import {
  completeOptions,
  describeFit,
  type EstimatedModel,
  type EstimationOptions,
  firstNumbers,
  type NoModel,
  supportFault,
} from "./estimation.ts";
import { homographyKind } from "./homography_kind.ts";
import { countPairs, type PointPairs } from "./point_pairs.ts";
import { fitRobustly } from "./robust_fit.ts";

/**
 * Estimates the homography right ~ H·left from pairs of which many may be wrong: what holds between two photographs of a
 * plane, or of anything when the camera only turned. `matrix` ends in 1 (unless that entry is 0, when its length is 1);
 * a pair's error is the root mean square of its distances in both photographs.
 *
 * A pure function of its arguments. Scaling all coordinates and the threshold alike changes nothing but units.
 *
 * @param options thresholdPixels by default 3
 * @returns the homography and its inliers, or the reason why there is none
 * @throws {RangeError} when coordinates are missing or not finite, or an option is out of its range
 */
export function estimateHomography(
  pairs: PointPairs,
  options: EstimationOptions = {},
): EstimatedModel | NoModel {
  const complete = completeOptions(options, 3);
  const count = countPairs(pairs);
  if (count < homographyKind.sampleSize) {
    return { found: false, reason: "too few pairs", iterations: 0 };
  }
  const { best, iterations } = fitRobustly(
    homographyKind,
    pairs,
    firstNumbers(count),
    complete,
  );
  const fault = supportFault(homographyKind, pairs, best, complete, 2);
  if (best === undefined || fault !== undefined) {
    return { found: false, reason: fault ?? "no consensus", iterations };
  }
  const last = best.model[8];
  return {
    ...describeFit(homographyKind, pairs, best, complete, iterations),
    matrix: last === 0 ? best.model : best.model.map((entry) => entry / last),
  };
}
