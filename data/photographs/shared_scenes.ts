import { createHash } from "node:crypto";
import { estimateFundamental } from "../../features/geometry/estimate_fundamental.ts";
import { estimateHomography } from "../../features/geometry/estimate_homography.ts";
import type { GreyPicture } from "../../features/images/grey_picture.ts";
import type { Keypoint } from "../../features/keypoint.ts";
import { detectKeypoints } from "../../features/keypoints/detect_keypoints.ts";
import { matchDescriptors } from "../../features/matching/match_descriptors.ts";
import { cutPatches } from "../../features/patches/cut_patches.ts";
import { halvePicture } from "../../features/patches/half_picture.ts";
import type { GreyImage } from "../images/grey_image.ts";
import type { OnProgress } from "./photo_training.ts";
import {
  eachPhotograph,
  type PhotographFile,
  readPhotograph,
} from "./photographs.ts";

/** Longest side of the reduced pictures that are compared. */
const longestSidePixels = 640;
const mostKeypoints = 300;
/** Side of the grey thumbnails that keypoints are compared by. */
const thumbnailSidePixels = 12;
const largestRatio = 0.9;
/** Matches that agree, at the least, and how unlikely they are by chance among all pairs of a large folder. */
const fewestInliers = 12;
const mostLog10FalseAlarms = -8;
/** Share of the keypoints that agree from which on it is one picture, not two of one scene. */
const samePictureShare = 0.4;

/** A photograph that trains and one that is held out which show the same. */
export interface SharedScene {
  training: string;
  heldOut: string;
  /** `picture`: one photograph, perhaps in another size, cut or encoding; `scene`: two of one place */
  what: "picture" | "scene";
}

/** What is compared of a photograph. */
interface Sketch {
  digest: string;
  keypoints: Keypoint[];
  /** [keypoints, 144] thumbnails of mean 0 and length 1 */
  thumbnails: Float32Array;
}

/**
 * Finds photographs that train and show what one that is held out shows: of equal pixels, or where more keypoints match and agree on
 * one homography or one fundamental matrix than chance explains. Looks at every photograph before anything is cut.
 *
 * @throws {DataError} naming all photographs that cannot be used
 */
export async function findSharedScenes(
  training: readonly PhotographFile[],
  heldOut: readonly PhotographFile[],
  onProgress: OnProgress = () => {},
): Promise<SharedScene[]> {
  const files = [...heldOut, ...training];
  const tests: Sketch[] = [];
  const found: SharedScene[] = [];
  await eachPhotograph(files, async (file, index) => {
    const sketch = sketchOf(await readPhotograph(file));
    if (index < heldOut.length) tests[index] = sketch;
    else {
      tests.forEach((test, number) => {
        const what = sharedBy(sketch, test);
        if (what === undefined) return;
        const { name } = heldOut[number];
        found.push({ training: file.name, heldOut: name, what });
      });
    }
    onProgress(index + 1, files.length);
  });
  return found;
}

function sketchOf(image: GreyImage): Sketch {
  const digest = createHash("sha256")
    .update(`${image.width} ${image.height} `).update(image.pixels)
    .digest("hex");
  let picture: GreyPicture = image;
  while (Math.max(picture.width, picture.height) > longestSidePixels) {
    picture = halvePicture(picture);
  }
  const keypoints = detectKeypoints(picture, {
    most: mostKeypoints,
    firstOctave: 0,
  });
  const patches = cutPatches(picture, keypoints, {
    sidePixels: thumbnailSidePixels,
  });
  return { digest, keypoints, thumbnails: normalised(patches) };
}

function normalised(patches: Uint8Array): Float32Array {
  const size = thumbnailSidePixels ** 2;
  const thumbnails = Float32Array.from(patches);
  for (let start = 0; start < thumbnails.length; start += size) {
    const one = thumbnails.subarray(start, start + size);
    const mean = one.reduce((sum, value) => sum + value, 0) / size;
    const length = Math.hypot(...one.map((value) => value - mean));
    // A flat one would match any other.
    one.forEach((value, i) =>
      one[i] = length > 0 ? (value - mean) / length : NaN
    );
  }
  return thumbnails;
}

function sharedBy(one: Sketch, other: Sketch): SharedScene["what"] | undefined {
  if (one.digest === other.digest) return "picture";
  const matches = matchDescriptors(
    one.thumbnails,
    other.thumbnails,
    thumbnailSidePixels ** 2,
    { ratio: largestRatio },
  );
  const pairs = {
    left: placesOf(one, matches.left),
    right: placesOf(other, matches.right),
  };
  const fewest = Math.min(one.keypoints.length, other.keypoints.length);
  for (
    const model of [
      estimateHomography(pairs),
      estimateFundamental(pairs, { thresholdPixels: 1.5 }),
    ]
  ) {
    if (
      !model.found || model.inliers.length < fewestInliers ||
      model.log10FalseAlarms > mostLog10FalseAlarms
    ) continue;
    return model.inliers.length >= samePictureShare * fewest
      ? "picture"
      : "scene";
  }
  return undefined;
}

/** [numbers, 2] x and y of keypoints. */
function placesOf({ keypoints }: Sketch, numbers: Uint32Array): Float64Array {
  return Float64Array.from(
    [...numbers].flatMap((
      number,
    ) => [keypoints[number].x, keypoints[number].y]),
  );
}
