import { FeatureError } from "../errors.ts";
import { checkPicture, type GreyPicture } from "../images/grey_picture.ts";
import { compose, type Homography, scaling } from "../geometry/homography.ts";
import { gaussianCut } from "../images/plane.ts";
import { blurWindow, wholeWindow } from "../images/plane_window.ts";
import type { KeypointFrame } from "../keypoint.ts";
import { halvePicture } from "./half_picture.ts";
import { patchRegion, patchSideSigmas } from "./patch_region.ts";
import {
  highestLevel,
  levelSigma,
  sampleWindow,
  samplingLevel,
  samplingStep,
} from "./sampling.ts";
import { surroundings } from "./surroundings.ts";

/** How patches are cut. */
export interface PatchOptions {
  /** Pixels along a side of a patch, usually 32 or 64; default 32. */
  sidePixels?: number;
  /** Side of the square that a patch shows, in units of the keypoint's sigma; default 12. */
  sideSigmas?: number;
}

/** Patches whose centres share a tile of this side, in pixels, share one blurred copy of their surroundings. */
const tileSidePixels = 512;

/** A patch to be cut. */
interface Cut {
  /** Its place in the result. */
  number: number;
  /** From [−1, 1]² to pixels of the picture. */
  map: Homography;
}

/**
 * Cuts the patches that a descriptor describes, u8 [keypoints, side, side]: each the square of side `sideSigmas`·sigma about its
 * keypoint, turned upright by the keypoint's angle, resampled free of aliasing, rounded to 8 bits. Pixels beyond the picture repeat
 * its border.
 *
 * Every patch is a pure function of the picture and its own keypoint. Beside the picture, memory is needed for one blurred tile, and
 * for a reduced picture (a byte or so for each pixel) only when a patch is more than about 38 times larger than its grid.
 * @throws {FeatureError} when the picture's size and pixels disagree, a keypoint has no finite place or no positive sigma, or an
 *   option is not positive
 */
export function cutPatches(
  picture: GreyPicture,
  keypoints: readonly KeypointFrame[],
  options: PatchOptions = {},
): Uint8Array<ArrayBuffer> {
  const { sidePixels = 32, sideSigmas = patchSideSigmas } = options;
  checkPicture(picture, "cut patches");
  if (!(Number.isSafeInteger(sidePixels) && sidePixels > 0)) {
    throw new FeatureError({
      attempt: "cut patches",
      where: "sidePixels",
      found: String(sidePixels),
      wanted: "a whole number of pixels, at least 1",
    });
  }
  if (!(sideSigmas > 0 && sideSigmas < Infinity)) {
    throw new FeatureError({
      attempt: "cut patches",
      where: "sideSigmas",
      found: String(sideSigmas),
      wanted: "a positive number",
    });
  }
  const patches = new Uint8Array(keypoints.length * sidePixels ** 2);
  const cuts = keypoints.map((keypoint, number) => {
    checkFrame(keypoint, number);
    return { number, map: patchRegion(keypoint, sideSigmas) };
  });
  cutAll(picture, cuts, sidePixels, patches);
  return patches;
}

function checkFrame(keypoint: KeypointFrame, number: number) {
  const { x, y, sigma, angle } = keypoint;
  if (Number.isFinite(x + y + angle) && sigma > 0 && sigma < Infinity) return;
  throw new FeatureError({
    attempt: "cut patches",
    where: `keypoint ${number}`,
    found: `x ${x}, y ${y}, sigma ${sigma}, angle ${angle}`,
    wanted: "finite numbers and a positive sigma",
  });
}

function cutAll(
  picture: GreyPicture,
  cuts: readonly Cut[],
  side: number,
  patches: Uint8Array,
) {
  const coarser: Cut[] = [];
  const groups = new Map<string, { level: number; cuts: Cut[] }>();
  const mayHalve = Math.min(picture.width, picture.height) > 1;
  for (const cut of cuts) {
    const level = samplingLevel(samplingStep(cut.map, side, side));
    if (level > highestLevel && mayHalve) {
      const map = compose(scaling(0.5), cut.map);
      coarser.push({ number: cut.number, map });
      continue;
    }
    const column = Math.floor(cut.map[2] / tileSidePixels);
    const row = Math.floor(cut.map[5] / tileSidePixels);
    const key = `${level} ${column} ${row}`;
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, { level: Math.min(level, highestLevel), cuts: [cut] });
    } else group.cuts.push(cut);
  }
  for (const { level, cuts } of groups.values()) {
    cutGroup(picture, cuts, level, side, patches);
  }
  if (coarser.length > 0) {
    cutAll(halvePicture(picture), coarser, side, patches);
  }
}

/** Cuts patches of one level that lie close together out of one blurred window. */
function cutGroup(
  picture: GreyPicture,
  cuts: readonly Cut[],
  level: number,
  side: number,
  patches: Uint8Array,
) {
  const window = blurWindow(
    wholeWindow(picture),
    levelSigma(level),
    surroundings(cuts.map(({ map }) => map), picture),
    gaussianCut,
  );
  const values = new Float32Array(side * side);
  for (const { number, map } of cuts) {
    sampleWindow(window, map, side, side, values);
    const start = number * values.length;
    for (let i = 0; i < values.length; i++) {
      patches[start + i] = Math.min(255, Math.max(0, values[i])) + 0.5;
    }
  }
}
