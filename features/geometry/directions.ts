import type { Matrix3 } from "./matrix3.ts";

/**
 * The viewing directions of points, K⁻¹·(x, y, 1).
 *
 * @param intrinsics [9] K, row by row, upper triangular
 * @param points [points, 2] in pixels
 * @returns [points, 3], the third coordinate 1
 * @throws {RangeError} when a focal length is 0 or not finite
 */
export function directions(
  intrinsics: Matrix3,
  points: Float64Array,
): Float64Array {
  const [fx, skew, cx, , fy, cy] = intrinsics;
  if (!Number.isFinite(1 / (fx * fy))) {
    throw new RangeError(`focal lengths of ${fx} and ${fy} pixels`);
  }
  const found = new Float64Array(points.length / 2 * 3);
  for (let i = 0; i < points.length / 2; i++) {
    const y = (points[2 * i + 1] - cy) / fy;
    found.set([(points[2 * i] - cx - skew * y) / fx, y, 1], 3 * i);
  }
  return found;
}
