import { compose, homography, invert } from "./homography.ts";
import { LeastSquares } from "./linear_equations.ts";
import { determinant, type Matrix3, unitLength } from "./matrix3.ts";
import { boxAround, type ModelKind } from "./model_kind.ts";
import { pointFrame } from "./point_frame.ts";

/**
 * Homographies right ~ H·left of a plane seen from one side (or of anything seen by a camera that only turns): H keeps
 * orientation, det H > 0, and every pair lies before the horizon, w > 0. A pair's squared error is the mean of the squared
 * distances in both photographs: (|right − H·left|² + |left − H⁻¹·right|²) / 2.
 */
export const homographyKind: ModelKind = {
  sampleSize: 4,
  modelsPerSample: 1,

  fromSample(sample, tolerance) {
    const from = basis(sample.left, tolerance);
    const to = basis(sample.right, tolerance);
    if (from === undefined || to === undefined) return [];
    // A plane seen from one side turns all four triangles the same way in both photographs.
    const turned = from.triangles.some((area, i) =>
      Math.sign(area) !== Math.sign(to.triangles[i])
    );
    return turned
      ? []
      : [withPositiveDeterminant(compose(to.map, invert(from.map)))];
  },

  fit(pairs, weights, start) {
    const left = pointFrame(pairs.left, weights);
    const right = pointFrame(pairs.right, weights);
    const equations = new LeastSquares();
    for (let i = 0; i < weights.length; i++) {
      if (weights[i] === 0) continue;
      const px = pairs.left[2 * i], py = pairs.left[2 * i + 1];
      const w = start[6] * px + start[7] * py + start[8];
      const x = left[0] * px + left[2], y = left[4] * py + left[5];
      const u = right[0] * pairs.right[2 * i] + right[2];
      const v = right[4] * pairs.right[2 * i + 1] + right[5];
      // Both equations are the geometric error times w.
      const weight = weights[i] / (w * w);
      equations.add([x, y, 1, 0, 0, 0, -u * x, -u * y, -u], weight);
      equations.add([0, 0, 0, x, y, 1, -v * x, -v * y, -v], weight);
    }
    const solution = equations.solve();
    if (solution === undefined) return undefined;
    return withPositiveDeterminant(compose(invert(right), solution, left));
  },

  squaredErrors(model, { left, right }, from, to, out) {
    const back = invert(model);
    for (let i = from; i < to; i++) {
      const x = left[2 * i], y = left[2 * i + 1];
      const u = right[2 * i], v = right[2 * i + 1];
      const w = model[6] * x + model[7] * y + model[8];
      const s = back[6] * u + back[7] * v + back[8];
      if (!(w > 0 && s > 0)) {
        out[i - from] = Infinity;
        continue;
      }
      const du = (model[0] * x + model[1] * y + model[2]) / w - u;
      const dv = (model[3] * x + model[4] * y + model[5]) / w - v;
      const dx = (back[0] * u + back[1] * v + back[2]) / s - x;
      const dy = (back[3] * u + back[4] * v + back[5]) / s - y;
      out[i - from] = (du * du + dv * dv + dx * dx + dy * dy) / 2;
    }
  },

  chance(pairs, threshold) {
    // Within the error, either distance is at most √2 times it.
    const disc = 2 * Math.PI * threshold ** 2;
    const areas = [pairs.left, pairs.right].map((points) => {
      const { width, height } = boxAround(points);
      return width * height;
    });
    return Math.min(1, disc / Math.max(...areas));
  },
};

/**
 * The map that takes (1,0,0), (0,1,0), (0,0,1) and (1,1,1) to four points, up to its length, and twice the signed areas
 * of the points' four triangles; undefined when one of these is flatter than the tolerance.
 */
function basis(
  points: Float64Array,
  tolerance: number,
): { map: Matrix3; triangles: number[] } | undefined {
  const [x0, y0, x1, y1, x2, y2, x3, y3] = points;
  const triangles: number[] = [];
  for (
    const [ax, ay, bx, by, cx, cy] of [
      [x3, y3, x1, y1, x2, y2],
      [x0, y0, x3, y3, x2, y2],
      [x0, y0, x1, y1, x3, y3],
      [x0, y0, x1, y1, x2, y2],
    ]
  ) {
    const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
    const longest = Math.max(
      Math.hypot(bx - ax, by - ay),
      Math.hypot(cx - bx, cy - by),
      Math.hypot(ax - cx, ay - cy),
    );
    if (!(Math.abs(area) > tolerance * longest)) return undefined;
    triangles.push(area);
  }
  const [a, b, c] = triangles;
  const map = homography(
    a * x0,
    b * x1,
    c * x2,
    a * y0,
    b * y1,
    c * y2,
    a,
    b,
    c,
  );
  return { map, triangles };
}

/** The same map at unit length, its sign so that the determinant is not negative. */
function withPositiveDeterminant(map: Matrix3): Matrix3 {
  const unit = unitLength(map);
  return determinant(unit) < 0 ? unit.map((entry) => -entry) : unit;
}
