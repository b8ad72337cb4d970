import { FeatureError } from "../errors.ts";
import type { Keypoint } from "../keypoint.ts";
import { fromDegrees, toDegrees } from "./degrees.ts";

/** Keypoints as the arrays of hloc's feature files. */
export interface HlocKeypoints {
  /** x, y of each, f64 [keypoints, 2]: pixels from the centre of the first pixel. */
  keypoints: Float64Array;
  /** Sigma of each in pixels, f64 [keypoints]. */
  scales: Float64Array;
  /** Angle of each in degrees, clockwise, f64 [keypoints]. */
  oris: Float64Array;
  /** Response of each, f64 [keypoints]. */
  scores: Float64Array;
}

/** hloc's arrays of keypoints. */
export function toHloc(keypoints: readonly Keypoint[]): HlocKeypoints {
  return {
    keypoints: Float64Array.from(keypoints.flatMap(({ x, y }) => [x, y])),
    scales: Float64Array.from(keypoints, ({ sigma }) => sigma),
    oris: Float64Array.from(keypoints, ({ angle }) => toDegrees(angle)),
    scores: Float64Array.from(keypoints, ({ response }) => response),
  };
}

/**
 * Keypoints from hloc's arrays, of any kind of numbers.
 * @throws {FeatureError} when the arrays are not of one number of keypoints
 */
export function fromHloc(
  arrays: { [name in keyof HlocKeypoints]: ArrayLike<number> },
): Keypoint[] {
  const { keypoints, scales, oris, scores } = arrays;
  const count = scales.length;
  if (
    keypoints.length !== 2 * count || oris.length !== count ||
    scores.length !== count
  ) {
    throw new FeatureError({
      attempt: "read hloc's keypoints",
      found:
        `${keypoints.length} coordinates, ${count} scales, ${oris.length} orientations and ${scores.length} scores`,
      wanted: "two coordinates, a scale, an orientation and a score for each",
    });
  }
  return Array.from({ length: count }, (_, i) => ({
    x: keypoints[2 * i],
    y: keypoints[2 * i + 1],
    sigma: scales[i],
    angle: fromDegrees(oris[i]),
    response: scores[i],
  }));
}
