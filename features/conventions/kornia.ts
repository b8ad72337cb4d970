import { FeatureError } from "../errors.ts";
import { type KeypointFrame, normalizeAngle } from "../keypoint.ts";
import { patchSideSigmas } from "../patches/patch_region.ts";

/**
 * kornia's local affine frame, [2, 3] row by row: a11, a12, x, a21, a22, y. The columns of [[a11, a12], [a21, a22]] are the patch's half
 * axes in pixels; x and y count from the centre of the first pixel.
 */
export type LocalAffineFrame = [
  a11: number,
  a12: number,
  x: number,
  a21: number,
  a22: number,
  y: number,
];

/**
 * The frame that kornia cuts the same patch from. Its `get_laf_scale` is then half the patch's side, and its `get_laf_orientation`
 * our angle with the opposite sign.
 * @param sideSigmas side of the patch in units of sigma
 */
export function toLocalAffineFrame(
  frame: KeypointFrame,
  sideSigmas: number = patchSideSigmas,
): LocalAffineFrame {
  const half = frame.sigma * sideSigmas / 2;
  const cos = half * Math.cos(frame.angle);
  const sin = half * Math.sin(frame.angle);
  return [cos, -sin, frame.x, sin, cos, frame.y];
}

/**
 * The keypoint of a frame: sigma from the root of the determinant, as kornia's scale, the angle that of the first column. Shear is lost.
 * @param sideSigmas side of the patch in units of sigma
 * @throws {FeatureError} when there are not six numbers, or the frame is flat or mirrored
 */
export function fromLocalAffineFrame(
  numbers: ArrayLike<number>,
  sideSigmas: number = patchSideSigmas,
): KeypointFrame {
  const [a11, a12, x, a21, a22, y] = Array.from(numbers);
  const determinant = a11 * a22 - a12 * a21;
  if (numbers.length !== 6 || !(determinant > 0)) {
    throw new FeatureError({
      attempt: "read a local affine frame",
      found: `${numbers.length} numbers with determinant ${determinant}`,
      wanted: "six numbers with a positive determinant",
    });
  }
  return {
    x,
    y,
    sigma: 2 * Math.sqrt(determinant) / sideSigmas,
    angle: normalizeAngle(Math.atan2(a21, a11)),
  };
}
