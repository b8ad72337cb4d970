import { type KeypointFrame, normalizeAngle } from "../keypoint.ts";

/** A column of VLFeat's frames in MATLAB: x, y (pixels, the first centre being (1, 1)), sigma (pixels), theta (radians, clockwise). */
export type VlFeatFrame = [x: number, y: number, sigma: number, theta: number];

/** VLFeat's four numbers. */
export function toVlFeat(frame: KeypointFrame): VlFeatFrame {
  return [frame.x + 1, frame.y + 1, frame.sigma, frame.angle];
}

/** A keypoint from VLFeat's four numbers. */
export function fromVlFeat(column: ArrayLike<number>): KeypointFrame {
  return {
    x: column[0] - 1,
    y: column[1] - 1,
    sigma: column[2],
    angle: normalizeAngle(column[3]),
  };
}
