import {
  compose,
  type Homography,
  homography,
  localScale,
  rotation,
  scaling,
  translation,
} from "../../features/geometry/homography.ts";
import { patchSideSigmas } from "../../features/patches/patch_region.ts";
import { samplingStep } from "../../features/patches/sampling.ts";
import { patchSidePixels } from "../patches/packed_patches.ts";
import type { RandomStream } from "../random.ts";
import { focalSides } from "./camera.ts";
import { regionIsInside } from "./geometric_noise.ts";
import type { DrawView, View } from "./photo_patches.ts";
import { drawPhotometricChange } from "./photometric.ts";

/**
 * What our DoG detector errs by between a photograph and its view from 0°, 10° … 50° aside under another light, measured on the nine
 * bundled photographs with `tests/bench/detector_jitter.ts`: medians of shift (in sigma) and of scale (in octaves), both spread as a
 * log-normal's, and the standard deviation of the angle. A camera's slant is in the angle, as the detector does not undo it.
 */
const jitter = {
  tiltStepDegrees: 10,
  shiftSigmas: [0.03, 0.07, 0.11, 0.13, 0.16, 0.27],
  shiftSpread: 0.9,
  scaleOctaves: [0.01, 0.04, 0.05, 0.06, 0.08, 0.15],
  scaleSpread: 1.1,
  angleDegrees: [0.8, 2.9, 4.7, 8.8, 12.3, 19.8],
};
const largestTiltDegrees = 50;
/** Errors beyond these were chance in the measurement. */
const largestShiftSigmas = 1.5;
const largestScaleOctaves = 0.6;

/** The farthest view shows this many octaves less detail than the photograph. */
const softnessOctaves = 1.2;
const compressedShare = 0.5;
const viewAttempts = 10;

/** The value of a table of equal steps of tilt, linear in between. */
function atTilt(table: readonly number[], tiltDegrees: number): number {
  const place = tiltDegrees / jitter.tiltStepDegrees;
  const before = Math.min(table.length - 2, Math.floor(place));
  return table[before] + (place - before) * (table[before + 1] - table[before]);
}

/** What a tilted camera and the detector's error in its picture do to a region, as a map of [−1, 1]² into its surroundings. */
export function drawDetectorJitter(
  focalHalves: number,
  stream: RandomStream,
): Homography {
  const tiltDegrees = stream.uniform(0, largestTiltDegrees);
  const tilt = tiltDegrees * Math.PI / 180;
  const axis = stream.uniform(0, 2 * Math.PI);
  // The detector's square in the view covers more of the photograph along the direction that the view shortens, and the same area.
  const stretch = 1 / Math.sqrt(Math.cos(tilt));
  const tilted = homography(
    stretch,
    0,
    0,
    0,
    1 / stretch,
    0,
    Math.sin(tilt) / focalHalves,
    0,
    1,
  );
  const shift = Math.min(
    largestShiftSigmas,
    atTilt(jitter.shiftSigmas, tiltDegrees) *
      Math.exp(jitter.shiftSpread * stream.normal()),
  ) * 2 / patchSideSigmas;
  const direction = stream.uniform(0, 2 * Math.PI);
  const octaves = Math.min(
    largestScaleOctaves,
    atTilt(jitter.scaleOctaves, tiltDegrees) *
      Math.exp(jitter.scaleSpread * stream.normal()),
  );
  const turn = atTilt(jitter.angleDegrees, tiltDegrees) * Math.PI / 180 *
    stream.normal();
  return compose(
    translation(shift * Math.cos(direction), shift * Math.sin(direction)),
    rotation(axis),
    tilted,
    rotation(turn - axis),
    scaling(2 ** (stream.chance(0.5) ? octaves : -octaves)),
  );
}

/**
 * Another camera's view of a keypoint as our detector finds it there: tilted by up to 50°, with the detector's errors of place, scale and
 * angle at that tilt, under another light, with less detail, camera noise and, every other time, compression. Drawn anew up to ten
 * times until the region lies inside the photograph; then sampling repeats the border.
 */
export const detectorView: DrawView = (region, picture, stream): View => {
  const focalHalves = focalSides * Math.max(picture.width, picture.height) /
    localScale(region, 0, 0);
  let seen = region;
  for (let attempt = 0; attempt < viewAttempts; attempt++) {
    seen = compose(region, drawDetectorJitter(focalHalves, stream));
    if (regionIsInside(seen, picture.width, picture.height)) break;
  }
  const change = drawPhotometricChange(stream.uniform(0.3, 1.5), stream);
  // Detail that the photograph's own pixels do not have is not lost by being seen from afar.
  const step = samplingStep(seen, patchSidePixels, patchSidePixels);
  const softness = 2 ** stream.uniform(0, softnessOctaves) *
    Math.max(1, 1 / step);
  const quality = stream.chance(compressedShare) ? 20 + stream.integer(76) : 0;
  return { region: seen, change: { ...change, softness }, quality };
};
