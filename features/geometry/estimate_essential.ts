import { essentialKind } from "./essential_kind.ts";
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
import { compose, invert } from "./homography.ts";
import { homographyKind } from "./homography_kind.ts";
import type { Matrix3 } from "./matrix3.ts";
import { choosePairs, countPairs, type PointPairs } from "./point_pairs.ts";
import { relativePose } from "./relative_pose.ts";
import { fitRobustly, inliersOf } from "./robust_fit.ts";

/**
 * Estimates what holds between two photographs of a rigid scene by cameras with known intrinsics, from pairs of which many may be
 * wrong: five pairs determine it, a plane is scene enough, and what is found is a pose ({@linkcode relativePose}), where a
 * fundamental matrix alone leaves two numbers more to noise. `matrix` is the fundamental matrix Kʳ⁻ᵀ·E·Kˡ⁻¹, of length 1; a
 * pair's error is Sampson's, in pixels. Where the camera only turned any translation would do, and there is none (`one plane`).
 *
 * A pure function of its arguments.
 *
 * @param leftIntrinsics [9] Kˡ, row by row, upper triangular
 * @param rightIntrinsics [9] Kʳ
 * @param options thresholdPixels by default 1.5
 * @returns the matrix and its inliers, or the reason why there is none
 * @throws {RangeError} when coordinates are missing or not finite, a focal length is 0 or not finite, or an option is out of its range
 */
export function estimateEssential(
  pairs: PointPairs,
  leftIntrinsics: Matrix3,
  rightIntrinsics: Matrix3,
  options: EstimationOptions = {},
): EstimatedModel | NoModel {
  const complete = completeOptions(options, 1.5);
  const count = countPairs(pairs);
  const kind = essentialKind(leftIntrinsics, rightIntrinsics);
  if (count < kind.sampleSize) {
    return { found: false, reason: "too few pairs", iterations: 0 };
  }
  const all = firstNumbers(count);
  const { best, iterations } = fitRobustly(kind, pairs, all, complete);
  const fault = supportFault(kind, pairs, best, complete, 4);
  if (best === undefined || fault !== undefined) {
    return { found: false, reason: fault ?? "no consensus", iterations };
  }
  const { thresholdPixels } = complete;
  const inliers = inliersOf(best.squaredErrors, thresholdPixels);
  const pose = relativePose(
    best.model,
    leftIntrinsics,
    rightIntrinsics,
    choosePairs(pairs, inliers),
  );
  if (pose === undefined) {
    return { found: false, reason: "one plane", iterations };
  }
  // Where points far away are, by the rotation alone; two pairs elsewhere determine the translation.
  const farAway = new Float64Array(count);
  homographyKind.squaredErrors(
    compose(rightIntrinsics, pose.rotation, invert(leftIntrinsics)),
    pairs,
    0,
    count,
    farAway,
  );
  const isElsewhere = (pair: number) =>
    farAway[pair] > (2 * thresholdPixels) ** 2;
  if (!holdsElsewhere(kind, pairs, best, complete, isElsewhere)) {
    return { found: false, reason: "one plane", iterations };
  }
  return describeFit(kind, pairs, best, complete, iterations);
}
