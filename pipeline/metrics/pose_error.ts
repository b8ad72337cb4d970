const degrees = 180 / Math.PI;

/**
 * Angle of the rotation that leads from one rotation to another, in degrees, 0 to 180.
 *
 * @param estimated [9] rotation matrix, row by row
 * @param truth [9]
 */
export function rotationErrorDegrees(
  estimated: ArrayLike<number>,
  truth: ArrayLike<number>,
): number {
  // |A − B|² = 8·sin²(angle/2), exact for small angles too, where the arc cosine of the trace is not.
  let squares = 0;
  for (let i = 0; i < 9; i++) squares += (estimated[i] - truth[i]) ** 2;
  return 2 * Math.asin(Math.min(1, Math.sqrt(squares / 8))) * degrees;
}

/**
 * Angle between two directions of translation, in degrees, 0 to 90: the sign, which an essential matrix leaves open, does
 * not count, as in the published measurements.
 *
 * @param estimated [3] of any length but 0
 * @param truth [3] of any length but 0
 */
export function translationErrorDegrees(
  estimated: ArrayLike<number>,
  truth: ArrayLike<number>,
): number {
  const [a, b, c] = Array.from(estimated);
  const [d, e, f] = Array.from(truth);
  const across = Math.hypot(b * f - c * e, c * d - a * f, a * e - b * d);
  return Math.atan2(across, Math.abs(a * d + b * e + c * f)) * degrees;
}

/** The error of a pose: the larger of its two angles, in degrees. */
export function poseErrorDegrees(
  estimated: PoseDirections,
  truth: PoseDirections,
): number {
  return Math.max(
    rotationErrorDegrees(estimated.rotation, truth.rotation),
    translationErrorDegrees(estimated.translation, truth.translation),
  );
}

/** A pose without a length. */
export interface PoseDirections {
  /** [9] rotation matrix, row by row */
  rotation: ArrayLike<number>;
  /** [3] translation of any length but 0 */
  translation: ArrayLike<number>;
}
