import { type Homography, homography } from "../geometry/homography.ts";
import type { KeypointFrame } from "../keypoint.ts";

/** Side of the square that is described, in units of the keypoint's sigma, unless a caller says otherwise. */
export const patchSideSigmas = 12;

/**
 * The square that is described: from [−1, 1]² to the square of side `sideSigmas`·sigma about the keypoint, turned by its angle, in
 * pixels of the picture. The square's x axis points along (cos angle, sin angle).
 * @param sideSigmas side of the square in units of sigma
 */
export function patchRegion(
  frame: KeypointFrame,
  sideSigmas: number = patchSideSigmas,
): Homography {
  const half = sideSigmas * frame.sigma / 2;
  const alongX = half * Math.cos(frame.angle);
  const alongY = half * Math.sin(frame.angle);
  return homography(
    alongX,
    -alongY,
    frame.x,
    alongY,
    alongX,
    frame.y,
    0,
    0,
    1,
  );
}
