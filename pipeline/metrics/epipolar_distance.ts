/** How two calibrated cameras stand to each other. */
export interface CalibratedPose {
  /** [9] a point X before the left camera is at rotation·X + translation before the right; row by row */
  rotation: ArrayLike<number>;
  /** [3] of any length but 0 */
  translation: ArrayLike<number>;
  /** [9] row by row, upper triangular */
  leftIntrinsics: ArrayLike<number>;
  /** [9] row by row, upper triangular */
  rightIntrinsics: ArrayLike<number>;
}

/** Matches of two images, [matches, 2] x and y on either side. */
export interface MatchedPoints {
  left: ArrayLike<number>;
  right: ArrayLike<number>;
}

/**
 * Distances of right points from the lines on which a pose says their left points are seen, in pixels of the right image.
 *
 * @returns [matches]
 */
export function epipolarDistances(
  { rotation: r, translation: t, leftIntrinsics, rightIntrinsics }:
    CalibratedPose,
  { left, right }: MatchedPoints,
): Float64Array {
  return Float64Array.from({ length: left.length / 2 }, (_, match) => {
    const [x, y] = unproject(
      leftIntrinsics,
      left[2 * match],
      left[2 * match + 1],
    );
    const [u, v] = unproject(
      rightIntrinsics,
      right[2 * match],
      right[2 * match + 1],
    );
    const [a, b, c] = [0, 3, 6].map((at) =>
      r[at] * x + r[at + 1] * y + r[at + 2]
    );
    // The line t × R·x, in directions of the right camera, and then in its pixels: K⁻ᵀ of it.
    const line = [
      t[1] * c - t[2] * b,
      t[2] * a - t[0] * c,
      t[0] * b - t[1] * a,
    ];
    const [fx, skew, , , fy] = Array.from(rightIntrinsics);
    const slopeX = line[0] / fx;
    const slopeY = (line[1] - skew * slopeX) / fy;
    return Math.abs(line[0] * u + line[1] * v + line[2]) /
      Math.hypot(slopeX, slopeY);
  });
}

/** Where a pixel lies in the plane at depth 1. */
function unproject(
  k: ArrayLike<number>,
  x: number,
  y: number,
): [x: number, y: number] {
  const v = (y - k[5]) / k[4];
  return [(x - k[2] - k[1] * v) / k[0], v];
}
