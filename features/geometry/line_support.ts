import { drawSample, sampleStream } from "./random_sample.ts";

/** Lines tried. */
const lines = 100;

/**
 * Which points lie on the line through two of the members that passes most members: a set of pairs whose points do, but for
 * a few, does not determine a model.
 *
 * @param points [points, 2]
 * @param members numbers of points, at least two
 * @param tolerance largest distance from the line, in pixels
 * @returns [points] 1 on the line, 0 off it
 */
export function pointsOnBestLine(
  points: Float64Array,
  members: Uint32Array,
  tolerance: number,
  seed: number,
): Uint8Array {
  const ends = new Uint32Array(2);
  let best = (_: number) => true;
  let most = -1;
  for (let turn = 0; turn < lines; turn++) {
    drawSample(sampleStream(seed, turn), members, ends);
    const [a, b] = ends;
    const x = points[2 * a], y = points[2 * a + 1];
    const dx = points[2 * b] - x, dy = points[2 * b + 1] - y;
    const length = Math.hypot(dx, dy);
    const isOn = (point: number) => {
      const across = dx * (points[2 * point + 1] - y) -
        dy * (points[2 * point] - x);
      return Math.abs(across) <= tolerance * length;
    };
    // Coincident ends make no line, and all points would lie on it.
    if (length <= tolerance) continue;
    const count = members.reduce((sum, i) => sum + (isOn(i) ? 1 : 0), 0);
    if (count > most) [best, most] = [isOn, count];
  }
  return Uint8Array.from(
    { length: points.length / 2 },
    (_, point) => best(point) ? 1 : 0,
  );
}
