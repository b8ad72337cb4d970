import { Matrix, SingularValueDecomposition } from "ml-matrix";
import { realCubicRoots } from "./cubic.ts";
import { compose, invert } from "./homography.ts";
import { LeastSquares, nullSpace } from "./linear_equations.ts";
import {
  cofactors,
  determinant,
  entryProduct,
  type Matrix3,
  transposed,
  unitLength,
} from "./matrix3.ts";
import { boxAround, type ModelKind } from "./model_kind.ts";
import { pointFrame } from "./point_frame.ts";

/**
 * Fundamental matrices, rightᵀ·F·left = 0, of rank 2. A pair's squared error is Sampson's: to first order the square of how
 * far both points together have to move, (rightᵀ·F·left)² / ((F·left)₁² + (F·left)₂² + (Fᵀ·right)₁² + (Fᵀ·right)₂²).
 */
export const fundamentalKind: ModelKind = {
  sampleSize: 7,
  modelsPerSample: 3,

  fromSample(sample) {
    const left = pointFrame(sample.left);
    const right = pointFrame(sample.right);
    const equations = new Float64Array(7 * 9);
    for (let i = 0; i < 7; i++) {
      equations.set(equation(left, right, sample, i), i * 9);
    }
    const span = nullSpace(equations);
    if (span === undefined) return [];
    const [start, end] = span;
    const step = end.map((value, i) => value - start[i]);
    // det(start + a·step) = 0
    const roots = realCubicRoots(
      determinant(step),
      entryProduct(cofactors(step), start),
      entryProduct(cofactors(start), step),
      determinant(start),
    );
    return roots.map((root) =>
      outOfFrames(start.map((value, i) => value + root * step[i]), left, right)
    ).filter((model) => isBeforeBothCameras(model, sample));
  },

  fit(pairs, weights, start) {
    const left = pointFrame(pairs.left, weights);
    const right = pointFrame(pairs.right, weights);
    const equations = new LeastSquares();
    for (let i = 0; i < weights.length; i++) {
      if (weights[i] === 0) continue;
      const weight = weights[i] / sampsonDenominator(start, pairs, i);
      equations.add(equation(left, right, pairs, i), weight);
    }
    // Along the matrices of rank 2: at right angles to the matrix and to the derivative of its determinant.
    const inFrames = unitLength(
      compose(transposed(invert(right)), start, invert(left)),
    );
    const slope = unitLength(cofactors(inFrames));
    const solution = equations.solveNear(inFrames, [inFrames, slope]);
    return solution && outOfFrames(withRankTwo(solution), left, right);
  },

  squaredErrors(model, pairs, from, to, out) {
    const { left, right } = pairs;
    for (let i = from; i < to; i++) {
      const x = left[2 * i], y = left[2 * i + 1];
      const u = right[2 * i], v = right[2 * i + 1];
      const a = model[0] * x + model[1] * y + model[2];
      const b = model[3] * x + model[4] * y + model[5];
      const c = model[6] * x + model[7] * y + model[8];
      const d = model[0] * u + model[3] * v + model[6];
      const e = model[1] * u + model[4] * v + model[7];
      const residual = u * a + v * b + c;
      const squares = a * a + b * b + d * d + e * e;
      out[i - from] = squares > 0 ? residual * residual / squares : Infinity;
    }
  },

  chance(pairs, threshold) {
    // A band around the epipolar line, √2 times the error to either side where both photographs are of one scale.
    const shares = [pairs.left, pairs.right].map((points) => {
      const { width, height } = boxAround(points);
      return 2 * Math.SQRT2 * threshold * Math.hypot(width, height) /
        (width * height);
    });
    return Math.min(1, ...shares);
  },
};

/**
 * Fundamental matrices through the homography of a plane: F = [e′]ₓ·H, where e′ is where two lines meet, each through a
 * right point off the plane and where H puts its left point. Two pairs off the plane determine it.
 */
export function fundamentalThroughPlane(plane: Matrix3): ModelKind {
  return {
    ...fundamentalKind,
    sampleSize: 2,
    modelsPerSample: 1,
    fromSample({ left, right }) {
      const lines = [0, 2].map((i) => {
        const x = left[i], y = left[i + 1];
        const mapped = [0, 3, 6].map((row) =>
          plane[row] * x + plane[row + 1] * y + plane[row + 2]
        );
        return cross(mapped, [right[i], right[i + 1], 1]);
      });
      const [ex, ey, ew] = cross(lines[0], lines[1]);
      if (!(Math.hypot(ex, ey, ew) > 0)) return [];
      const across = Float64Array.of(0, -ew, ey, ew, 0, -ex, -ey, ex, 0);
      return [unitLength(compose(across, plane))];
    },
  };
}

function cross(a: ArrayLike<number>, b: ArrayLike<number>): number[] {
  return [
    a[1] * b[2] - a[2] * b[1],
    a[2] * b[0] - a[0] * b[2],
    a[0] * b[1] - a[1] * b[0],
  ];
}

/** Coefficients of the pair's equation in the entries of F, both points in their frames. */
function equation(
  left: Matrix3,
  right: Matrix3,
  pairs: { left: Float64Array; right: Float64Array },
  i: number,
): number[] {
  const x = left[0] * pairs.left[2 * i] + left[2];
  const y = left[4] * pairs.left[2 * i + 1] + left[5];
  const u = right[0] * pairs.right[2 * i] + right[2];
  const v = right[4] * pairs.right[2 * i + 1] + right[5];
  return [u * x, u * y, u, v * x, v * y, v, x, y, 1];
}

/** The denominator of a pair's Sampson error. */
export function sampsonDenominator(
  model: Matrix3,
  { left, right }: { left: Float64Array; right: Float64Array },
  i: number,
): number {
  const x = left[2 * i], y = left[2 * i + 1];
  const u = right[2 * i], v = right[2 * i + 1];
  return (model[0] * x + model[1] * y + model[2]) ** 2 +
    (model[3] * x + model[4] * y + model[5]) ** 2 +
    (model[0] * u + model[3] * v + model[6]) ** 2 +
    (model[1] * u + model[4] * v + model[7]) ** 2;
}

/** F for pixels from F for points in frames, at unit length. */
function outOfFrames(model: Matrix3, left: Matrix3, right: Matrix3): Matrix3 {
  return unitLength(compose(transposed(right), model, left));
}

/** The nearest matrix of rank 2. */
function withRankTwo(model: Matrix3): Matrix3 {
  const { leftSingularVectors, diagonal, rightSingularVectors } =
    new SingularValueDecomposition(Matrix.from1DArray(3, 3, model));
  return Float64Array.from({ length: 9 }, (_, at) => {
    const row = Math.floor(at / 3), column = at % 3;
    return [0, 1].reduce(
      (sum, k) =>
        sum + leftSingularVectors.get(row, k) * diagonal[k] *
          rightSingularVectors.get(column, k),
      0,
    );
  });
}

/**
 * Whether all points can lie before both cameras: e′ × right and F·left, two forms of the same epipolar line, then point
 * the same way for all pairs, or the opposite way for all (Chum, Werner and Matas 2004).
 */
export function isBeforeBothCameras(
  model: Matrix3,
  { left, right }: { left: Float64Array; right: Float64Array },
): boolean {
  const [ex, ey, ew] = rightEpipole(model);
  let sign = 0;
  for (let i = 0; i < left.length; i += 2) {
    const x = left[i], y = left[i + 1], u = right[i], v = right[i + 1];
    const along = (ey - ew * v) * (model[0] * x + model[1] * y + model[2]) +
      (ew * u - ex) * (model[3] * x + model[4] * y + model[5]) +
      (ex * v - ey * u) * (model[6] * x + model[7] * y + model[8]);
    if (along * sign < 0) return false;
    if (sign === 0) sign = Math.sign(along);
  }
  return true;
}

/** The point e′ of the right photograph with e′ᵀ·F = 0: the longest cross product of two columns. */
function rightEpipole(f: Matrix3): number[] {
  const columns = [0, 1, 2].map((at) => [f[at], f[3 + at], f[6 + at]]);
  const candidates = [[0, 1], [1, 2], [2, 0]].map(([a, b]) =>
    cross(columns[a], columns[b])
  );
  const lengths = candidates.map((vector) => Math.hypot(...vector));
  return candidates[lengths.indexOf(Math.max(...lengths))];
}
