import { type Homography, homography } from "./homography.ts";

/**
 * The similarity that moves the weighted centroid of points to the origin and makes their mean distance from it √2
 * (Hartley's normalisation): without it the equations of a homography or a fundamental matrix are badly conditioned.
 * Coincident points are only moved.
 *
 * @param points [points, 2]
 * @param weights [points], not negative; default: all 1
 */
export function pointFrame(
  points: Float64Array,
  weights?: Float64Array,
): Homography {
  const count = points.length / 2;
  let sum = 0, x = 0, y = 0;
  for (let i = 0; i < count; i++) {
    const weight = weights?.[i] ?? 1;
    sum += weight;
    x += weight * points[2 * i];
    y += weight * points[2 * i + 1];
  }
  x /= sum;
  y /= sum;
  let spread = 0;
  for (let i = 0; i < count; i++) {
    const weight = weights?.[i] ?? 1;
    const dx = points[2 * i] - x, dy = points[2 * i + 1] - y;
    spread += weight * Math.sqrt(dx * dx + dy * dy);
  }
  const scale = spread > 0 ? Math.SQRT2 * sum / spread : 1;
  return homography(scale, 0, -scale * x, 0, scale, -scale * y, 0, 0, 1);
}
