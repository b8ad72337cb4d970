import { FeatureError } from "../errors.ts";
import { type KeypointFrame, normalizeAngle } from "../keypoint.ts";

/** COLMAP counts from the corner of the first pixel, whose centre is (0.5, 0.5). */
const firstCentre = 0.5;

/** A keypoint as COLMAP's four numbers: x, y (pixels from the picture's corner), scale (sigma, pixels), orientation (radians, clockwise). */
export type ColmapRow = [
  x: number,
  y: number,
  scale: number,
  orientation: number,
];

/** A keypoint as COLMAP's six numbers: x, y, then the matrix [[a11, a12], [a21, a22]] = sigma·[[cos, −sin], [sin, cos]]. */
export type ColmapAffineRow = [
  x: number,
  y: number,
  a11: number,
  a12: number,
  a21: number,
  a22: number,
];

/** COLMAP's four numbers, as in its text files and databases with 4 columns. */
export function toColmapRow(frame: KeypointFrame): ColmapRow {
  const { x, y, sigma, angle } = frame;
  return [x + firstCentre, y + firstCentre, sigma, angle];
}

/** COLMAP's six numbers, as in its databases with 6 columns. */
export function toColmapAffineRow(frame: KeypointFrame): ColmapAffineRow {
  const cos = frame.sigma * Math.cos(frame.angle);
  const sin = frame.sigma * Math.sin(frame.angle);
  const { x, y } = frame;
  return [x + firstCentre, y + firstCentre, cos, -sin, sin, cos];
}

/**
 * A keypoint from COLMAP's 2, 4 or 6 numbers. Two have sigma 1 and angle 0. Of an affine shape the scale is the mean length of the
 * matrix's columns and the angle that of the first, as COLMAP reads it; its shear is lost.
 * @throws {FeatureError} when there are other than 2, 4 or 6 numbers
 */
export function fromColmapRow(row: ArrayLike<number>): KeypointFrame {
  const x = row[0] - firstCentre;
  const y = row[1] - firstCentre;
  if (row.length === 2) return { x, y, sigma: 1, angle: 0 };
  if (row.length === 4) {
    return { x, y, sigma: row[2], angle: normalizeAngle(row[3]) };
  }
  if (row.length === 6) {
    const [a11, a12, a21, a22] = [row[2], row[3], row[4], row[5]];
    return {
      x,
      y,
      sigma: (Math.hypot(a11, a21) + Math.hypot(a12, a22)) / 2,
      angle: normalizeAngle(Math.atan2(a21, a11)),
    };
  }
  throw new FeatureError({
    attempt: "read a COLMAP keypoint",
    found: `${row.length} numbers`,
    wanted: "2, 4 or 6",
  });
}
