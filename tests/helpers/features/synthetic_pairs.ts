import { RandomStream } from "../../../data/random.ts";
import type { PointPairs } from "../../../features/geometry/point_pairs.ts";
import {
  applyTo,
  type Homography,
  homography,
} from "../../../features/geometry/homography.ts";

/** Photographs of 640 × 480 pixels. */
export const width = 640, height = 480;

/** Intrinsics of both cameras of a scene. */
export const intrinsics = Float64Array.of(500, 0, 320, 0, 500, 240, 0, 0, 1);

/** What pairs are drawn for. */
export interface PairsDrawn {
  count: number;
  /** of every five pairs, as many are right */
  rightOfFive: number;
  /** standard deviation of a coordinate, in pixels, in the right photograph, or √½ of it in both */
  noise: number;
}

export const usual: PairsDrawn = { count: 300, rightOfFive: 2, noise: 1 };

function drawPoint(stream: RandomStream): [x: number, y: number] {
  return [stream.uniform(0, width - 1), stream.uniform(0, height - 1)];
}

/** Pairs under a random homography among random ones. */
export function drawPlane(
  seed: number,
  { count, rightOfFive, noise }: PairsDrawn = usual,
): { pairs: PointPairs; truth: Homography } {
  const stream = new RandomStream(seed, "plane");
  const draw = (low: number, high: number) => stream.uniform(low, high);
  const truth = homography(
    draw(0.7, 1.3),
    draw(-0.3, 0.3),
    draw(-60, 60),
    draw(-0.3, 0.3),
    draw(0.7, 1.3),
    draw(-60, 60),
    draw(-3e-4, 3e-4),
    draw(-3e-4, 3e-4),
    1,
  );
  const left = new Float64Array(2 * count), right = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) {
    const point = drawPoint(stream);
    left.set(point, 2 * i);
    if (i % 5 < rightOfFive) {
      const { x, y } = applyTo(truth, ...point);
      right.set(
        [x + noise * stream.normal(), y + noise * stream.normal()],
        2 * i,
      );
    } else right.set(drawPoint(stream), 2 * i);
  }
  return { pairs: { left, right }, truth };
}

/** Pairs of a rigid scene among random ones, the right ones' true points, and the pose. */
export function drawScene(
  seed: number,
  { count, rightOfFive, noise }: PairsDrawn = usual,
  /** depth of a left pixel; default: at random between 3 and 10 */
  depth?: (x: number, y: number, pair: number) => number,
): {
  pairs: PointPairs;
  clean: PointPairs;
  rotation: Float64Array;
  translation: Float64Array;
} {
  const stream = new RandomStream(seed, "scene");
  const rotation = rotationOf(
    stream.uniform(-0.2, 0.2),
    stream.uniform(-0.3, 0.3),
    stream.uniform(-0.2, 0.2),
  );
  const raw = [1, 0.5, 0.5].map((most) => stream.uniform(-most, most));
  const translation = Float64Array.from(raw, (t) => t / Math.hypot(...raw));
  const pairs = {
    left: new Float64Array(2 * count),
    right: new Float64Array(2 * count),
  };
  const clean = {
    left: new Float64Array(2 * count),
    right: new Float64Array(2 * count),
  };
  const blur = (value: number) =>
    value + Math.SQRT1_2 * noise * stream.normal();
  for (let i = 0; i < count; i++) {
    let point: [number, number];
    let seen: [number, number] | undefined;
    do {
      point = drawPoint(stream);
      const z = depth?.(...point, i) ?? stream.uniform(3, 10);
      const ray = [(point[0] - 320) / 500, (point[1] - 240) / 500, 1];
      const [x, y, w] = [0, 3, 6].map((row) =>
        z * (rotation[row] * ray[0] + rotation[row + 1] * ray[1] +
            rotation[row + 2] * ray[2]) + translation[row / 3]
      );
      seen = w > 0.1 ? [500 * x / w + 320, 500 * y / w + 240] : undefined;
    } while (
      seen === undefined || seen[0] < 0 || seen[0] > width - 1 || seen[1] < 0 ||
      seen[1] > height - 1
    );
    clean.left.set(point, 2 * i);
    clean.right.set(seen, 2 * i);
    pairs.left.set(point.map(blur), 2 * i);
    pairs.right.set(
      i % 5 < rightOfFive ? seen.map(blur) : drawPoint(stream),
      2 * i,
    );
  }
  return { pairs, clean, rotation, translation };
}

/** Rotation about x, then y, then z, by angles in radians. */
function rotationOf(x: number, y: number, z: number): Float64Array {
  const [a, b, c] = [x, y, z].map(Math.cos);
  const [d, e, f] = [x, y, z].map(Math.sin);
  return Float64Array.of(
    c * b,
    c * e * d - f * a,
    c * e * a + f * d,
    f * b,
    f * e * d + c * a,
    f * e * a - c * d,
    -e,
    b * d,
    b * a,
  );
}

/** Mean over pairs and both photographs of the distance from a point to its epipolar line, in pixels. */
export function epipolarErrorPixels(
  f: Float64Array,
  { left, right }: PointPairs,
): number {
  let sum = 0;
  for (let i = 0; i < left.length; i += 2) {
    const x = left[i], y = left[i + 1], u = right[i], v = right[i + 1];
    const a = f[0] * x + f[1] * y + f[2], b = f[3] * x + f[4] * y + f[5];
    const c = f[6] * x + f[7] * y + f[8];
    const d = f[0] * u + f[3] * v + f[6], e = f[1] * u + f[4] * v + f[7];
    const residual = Math.abs(u * a + v * b + c);
    sum += residual / Math.hypot(a, b) + residual / Math.hypot(d, e);
  }
  return sum / left.length;
}

/** All coordinates under a similarity of the left photograph and one of the right, both by the same factor. */
export function transformPairs(
  { left, right }: PointPairs,
  factor: number,
  turn: number,
): PointPairs {
  const move = (points: Float64Array, angle: number, shift: number) => {
    const c = factor * Math.cos(angle), s = factor * Math.sin(angle);
    return points.map((_, at) => {
      const x = points[at - at % 2], y = points[at - at % 2 + 1];
      return shift + (at % 2 === 0 ? c * x - s * y : s * x + c * y);
    });
  };
  return { left: move(left, turn, 17), right: move(right, -2 * turn, -40) };
}
