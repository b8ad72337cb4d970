import { Matrix, SingularValueDecomposition } from "ml-matrix";
import { directions } from "./directions.ts";
import { compose, homography } from "./homography.ts";
import { determinant, type Matrix3, transposed } from "./matrix3.ts";
import type { PointPairs } from "./point_pairs.ts";

/** How the right camera stands to the left one: a point X before the left camera is at rotation·X + translation before the right. */
export interface RelativePose {
  /** [9] rotation matrix, row by row */
  rotation: Matrix3;
  /** [3] of length 1: photographs alone do not tell how far apart the cameras were */
  translation: Float64Array;
  /** numbers of the pairs whose point lies before both cameras, rising */
  before: Uint32Array;
}

/**
 * The pose that a fundamental matrix means for calibrated cameras: E = Kʳᵀ·F·Kˡ, its two rotations and two signs of the
 * translation by singular values, and of these four the one that puts most points before both cameras.
 *
 * @param fundamental [9] rightᵀ·F·left = 0
 * @param leftIntrinsics [9] Kˡ, row by row, upper triangular, for the pixels that F is for
 * @param rightIntrinsics [9] Kʳ
 * @param pairs those that belong to F
 * @returns undefined when no pair lies before both cameras under any
 * @throws {RangeError} when a focal length is 0 or not finite
 */
export function relativePose(
  fundamental: Matrix3,
  leftIntrinsics: Matrix3,
  rightIntrinsics: Matrix3,
  pairs: PointPairs,
): RelativePose | undefined {
  const left = directions(leftIntrinsics, pairs.left);
  const right = directions(rightIntrinsics, pairs.right);
  const essential = compose(
    transposed(rightIntrinsics),
    fundamental,
    leftIntrinsics,
  );
  let best: RelativePose | undefined;
  for (const { rotation, translation } of posesOf(essential)) {
    const before: number[] = [];
    for (let i = 0; i < left.length / 3; i++) {
      const a = left.subarray(3 * i, 3 * i + 3);
      const b = right.subarray(3 * i, 3 * i + 3);
      if (isBeforeBoth(rotation, translation, a, b)) before.push(i);
    }
    if (before.length > (best?.before.length ?? 0)) {
      best = { rotation, translation, before: Uint32Array.from(before) };
    }
  }
  return best;
}

/** The four poses of an essential matrix. */
function posesOf(
  essential: Matrix3,
): { rotation: Matrix3; translation: Float64Array }[] {
  const { leftSingularVectors, rightSingularVectors } =
    new SingularValueDecomposition(Matrix.from1DArray(3, 3, essential));
  const u = rotationOf(leftSingularVectors);
  const v = rotationOf(rightSingularVectors);
  const quarter = homography(0, -1, 0, 1, 0, 0, 0, 0, 1);
  return [quarter, transposed(quarter)].flatMap((turn) => {
    const rotation = compose(u, turn, transposed(v));
    return [1, -1].map((sign) => ({
      rotation,
      translation: Float64Array.of(sign * u[2], sign * u[5], sign * u[8]),
    }));
  });
}

/** An orthogonal matrix, its last column turned where it mirrors. */
function rotationOf(matrix: Matrix): Matrix3 {
  const m = Float64Array.from(matrix.to1DArray());
  if (determinant(m) < 0) { for (const at of [2, 5, 8]) m[at] = -m[at]; }
  return m;
}

/**
 * Whether two viewing directions meet before both cameras, where they are nearest to each other: s·b ≈ r·R·a + t with r, s > 0.
 */
function isBeforeBoth(
  rotation: Matrix3,
  t: Float64Array,
  left: Float64Array,
  b: Float64Array,
): boolean {
  const a = [0, 3, 6].map((row) =>
    rotation[row] * left[0] + rotation[row + 1] * left[1] +
    rotation[row + 2] * left[2]
  );
  const aa = dot(a, a), bb = dot(b, b), ab = dot(a, b);
  const at = dot(a, t), bt = dot(b, t);
  // Normal equations of min |r·a + t − s·b|²; parallel directions have no solution and count as behind.
  const scale = aa * bb - ab * ab;
  return (ab * bt - bb * at) / scale > 0 && (aa * bt - ab * at) / scale > 0;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
