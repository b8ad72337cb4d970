import type { Homography } from "../../features/geometry/homography.ts";
import type { GreyPicture } from "../../features/images/grey_picture.ts";
import type { Keypoint as DetectedKeypoint } from "../../features/keypoint.ts";
import { detectKeypoints } from "../../features/keypoints/detect_keypoints.ts";
import { patchRegion } from "../../features/patches/patch_region.ts";
import { RandomStream } from "../random.ts";
import { regionIsInside } from "./geometric_noise.ts";
import { SpacedKeypoints } from "./keypoint_discs.ts";

/** More than any photograph that fits into memory is wanted to give. */
const mostKeypoints = 1_000_000;

/**
 * The places of a photograph that our detectors find, in the order that labels are taken in, none overlapping another by more than half:
 * keypoints of both detectors, drawn with probability proportional to sigma, as small ones are many times as frequent. Each has its
 * detected angle or, every other time, is upright: both are ways of use. A pure function of photograph and (seed, imageNumber).
 * @param accept whether a region is fit to be a label
 * @returns from [−1, 1]² to the square of 12 sigma, in pixels
 */
export function detectRegions(
  picture: GreyPicture,
  seed: number,
  imageNumber: number,
  accept: (region: Homography) => boolean,
): Homography[] {
  const found: DetectedKeypoint[] = [];
  for (const detector of ["dog", "hessian"] as const) {
    const options = { detector, most: mostKeypoints };
    found.push(...detectKeypoints(picture, options));
  }
  const candidates = found.map((keypoint, number) => {
    const stream = new RandomStream(
      seed,
      "detected keypoints",
      imageNumber,
      number,
    );
    // The smallest of exponential times with these rates comes first with probability proportional to the rate.
    const time = -Math.log(1 - stream.uniform()) / keypoint.sigma;
    const angle = stream.chance(0.5) ? keypoint.angle : 0;
    return { ...keypoint, angle, time };
  }).sort((a, b) => a.time - b.time);
  const spaced = new SpacedKeypoints<typeof candidates[number]>();
  for (const candidate of candidates) {
    const region = patchRegion(candidate);
    if (
      regionIsInside(region, picture.width, picture.height) && accept(region)
    ) spaced.addUnlessCrowded(candidate);
  }
  return spaced.all.map((keypoint) => patchRegion(keypoint));
}
