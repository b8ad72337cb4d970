import {
  applyTo,
  compose,
  type Homography,
  homography,
  rotation,
  scaling,
  translation,
} from "../../features/geometry/homography.ts";
import { patchRegion } from "../../features/patches/patch_region.ts";
import { type Keypoint, regionSigmas } from "./keypoint_discs.ts";
import type { RandomStream } from "../random.ts";

/**
 * Largest change of a region at noise level 1, lengths in half sides of the region. Chosen so that the median overlap
 * (intersection over union) of a region's ellipse with the true one is 0.85 at level 1 and 0.72 at level 2, the figures
 * that HPatches states for "easy" and "hard".
 */
const rotationRadians = 0.16;
const scaleOctaves = 0.12;
const anisotropyOctaves = 0.2;
const largestShift = 0.13;
const largestPerspective = 0.02;

/** Level of geometric noise of HPatches' three kinds of patches. */
export const noiseLevels = { easy: 1, hard: 2, tough: 3 } as const;

/** The region of a keypoint: from the square [−1, 1]² to the square of half side 5 sigma about it, in photograph pixels. */
export function regionOf(keypoint: Keypoint): Homography {
  return patchRegion({ ...keypoint, angle: 0 }, 2 * regionSigmas);
}

/**
 * What a detector's error does to a region, as a map of [−1, 1]² into its surroundings: rotation, scale, anisotropic scale along
 * a random axis, shift and a trace of perspective, each uniform within its bound times `level`.
 */
export function drawGeometricNoise(
  level: number,
  stream: RandomStream,
): Homography {
  const within = (bound: number) =>
    stream.uniform(-bound * level, bound * level);
  const turn = within(rotationRadians);
  const size = 2 ** within(scaleOctaves);
  const stretch = 2 ** (within(anisotropyOctaves) / 2);
  const axis = stream.uniform(0, Math.PI);
  const shift = translation(within(largestShift), within(largestShift));
  const perspective = homography(
    1,
    0,
    0,
    0,
    1,
    0,
    within(largestPerspective),
    within(largestPerspective),
    1,
  );
  return compose(
    shift,
    rotation(turn + axis),
    scaling(size * stretch, size / stretch),
    rotation(-axis),
    perspective,
  );
}

const noiseAttempts = 10;

/**
 * A region with geometric noise that stays inside the picture: noise is drawn anew up to ten times until it does; after
 * that the last draw stands, and sampling repeats the border.
 * @param toPicture from the keypoint's photograph to the picture that is sampled
 */
export function drawNoisyRegion(
  toPicture: Homography,
  region: Homography,
  level: number,
  picture: { width: number; height: number },
  stream: RandomStream,
): Homography {
  const exact = compose(toPicture, region);
  let noisy = exact;
  for (let attempt = 0; attempt < noiseAttempts; attempt++) {
    noisy = compose(exact, drawGeometricNoise(level, stream));
    if (regionIsInside(noisy, picture.width, picture.height)) break;
  }
  return noisy;
}

/** Whether the whole region lies inside a picture of this size. */
export function regionIsInside(
  region: Homography,
  width: number,
  height: number,
): boolean {
  for (const u of [-1, 1]) {
    for (const v of [-1, 1]) {
      const { x, y } = applyTo(region, u, v);
      if (!(x >= 0 && y >= 0 && x <= width - 1 && y <= height - 1)) {
        return false;
      }
    }
  }
  return true;
}
