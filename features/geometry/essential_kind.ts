import { Matrix, SingularValueDecomposition } from "ml-matrix";
import { directions } from "./directions.ts";
import { essentialMatrices } from "./five_points.ts";
import {
  fundamentalKind,
  isBeforeBothCameras,
  sampsonDenominator,
} from "./fundamental_kind.ts";
import { compose, homography, invert } from "./homography.ts";
import { LeastSquares } from "./linear_equations.ts";
import { type Matrix3, transposed, unitLength } from "./matrix3.ts";
import type { ModelKind } from "./model_kind.ts";

/**
 * Fundamental matrices of cameras with known intrinsics, F = Kʳ⁻ᵀ·E·Kˡ⁻¹ with E essential (two equal singular values and 0):
 * five pairs determine them, pairs of one plane too. Errors are those of {@linkcode fundamentalKind}, in pixels.
 *
 * @param leftIntrinsics [9] Kˡ, row by row, upper triangular
 * @param rightIntrinsics [9] Kʳ
 */
export function essentialKind(
  leftIntrinsics: Matrix3,
  rightIntrinsics: Matrix3,
): ModelKind {
  const leftInverse = invert(leftIntrinsics);
  const rightInverse = transposed(invert(rightIntrinsics));
  const toPixels = (essential: Matrix3) =>
    unitLength(compose(rightInverse, essential, leftInverse));
  return {
    ...fundamentalKind,
    sampleSize: 5,
    modelsPerSample: 10,

    fromSample(sample) {
      return essentialMatrices(
        directions(leftIntrinsics, sample.left),
        directions(rightIntrinsics, sample.right),
      ).map(toPixels).filter((model) => isBeforeBothCameras(model, sample));
    },

    fit(pairs, weights, start) {
      const left = directions(leftIntrinsics, pairs.left);
      const right = directions(rightIntrinsics, pairs.right);
      const equations = new LeastSquares();
      for (let i = 0; i < weights.length; i++) {
        if (weights[i] === 0) continue;
        const [x, y] = left.subarray(3 * i), [u, v] = right.subarray(3 * i);
        equations.add(
          [u * x, u * y, u, v * x, v * y, v, x, y, 1],
          weights[i] / sampsonDenominator(start, pairs, i),
        );
      }
      const essential = unitLength(
        compose(transposed(rightIntrinsics), start, leftIntrinsics),
      );
      const { u, v } = frames(essential);
      // At right angles to the essential matrices around this one.
      const directionsAway = [
        homography(1, 0, 0, 0, 1, 0, 0, 0, 0),
        homography(1, 0, 0, 0, -1, 0, 0, 0, 0),
        homography(0, 1, 0, 1, 0, 0, 0, 0, 0),
        homography(0, 0, 0, 0, 0, 0, 0, 0, 1),
      ].map((inFrames) => compose(u, inFrames, transposed(v)));
      const solution = equations.solveNear(essential, directionsAway);
      return solution && toPixels(nearestEssential(solution));
    },
  };
}

/** The nearest matrix with singular values s, s and 0, but for its length. */
function nearestEssential(matrix: Matrix3): Matrix3 {
  const { u, v } = frames(matrix);
  return compose(u, homography(1, 0, 0, 0, 1, 0, 0, 0, 0), transposed(v));
}

/** The singular vectors as columns, those of the largest singular value first. */
function frames(matrix: Matrix3): { u: Matrix3; v: Matrix3 } {
  const { leftSingularVectors, rightSingularVectors } =
    new SingularValueDecomposition(Matrix.from1DArray(3, 3, matrix));
  return {
    u: Float64Array.from(leftSingularVectors.to1DArray()),
    v: Float64Array.from(rightSingularVectors.to1DArray()),
  };
}
