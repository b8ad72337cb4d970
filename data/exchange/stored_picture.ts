import {
  type Homography,
  homography,
} from "../../features/geometry/homography.ts";
import { normalizeAngle } from "../../features/keypoint.ts";
import { storedAxes } from "../images/orientation.ts";
import type {
  DescribedPhotograph,
  ExchangedPhotograph,
} from "./described_photograph.ts";
import { keypointFields } from "./described_photograph.ts";

/** The size of the picture as the file stores it, in pixels. */
export function storedSize(
  { width, height, orientation }: ExchangedPhotograph,
): { width: number; height: number } {
  return storedAxes(orientation).isTurned
    ? { width: height, height: width }
    : { width, height };
}

/**
 * [9] from pixels of the upright picture to those of the picture as the file stores it, both from the centre of their first pixel. Programs
 * that do not look at Exif data see the latter.
 */
export function toStoredPixels(photograph: ExchangedPhotograph): Homography {
  const { isTurned, isMirroredX, isMirroredY } = storedAxes(
    photograph.orientation,
  );
  const { width, height } = storedSize(photograph);
  const [signX, atX] = isMirroredX ? [-1, width - 1] : [1, 0];
  const [signY, atY] = isMirroredY ? [-1, height - 1] : [1, 0];
  return isTurned
    ? homography(0, signX, atX, signY, 0, atY, 0, 0, 1)
    : homography(signX, 0, atX, 0, signY, atY, 0, 0, 1);
}

/** The photograph with places and angles as in the stored picture; itself where that is upright. */
export function asStored(photograph: DescribedPhotograph): DescribedPhotograph {
  if (photograph.orientation === 1) return photograph;
  const [a, b, c, d, e, f] = toStoredPixels(photograph);
  const keypoints = photograph.keypoints.slice();
  for (let at = 0; at < keypoints.length; at += keypointFields) {
    const [x, y, , angle] = keypoints.subarray(at, at + 4);
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    keypoints[at] = a * x + b * y + c;
    keypoints[at + 1] = d * x + e * y + f;
    keypoints[at + 3] = normalizeAngle(
      Math.atan2(d * cos + e * sin, a * cos + b * sin),
    );
  }
  return {
    ...photograph,
    ...storedSize(photograph),
    orientation: 1,
    keypoints,
  };
}
