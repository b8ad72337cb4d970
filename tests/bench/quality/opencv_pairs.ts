import { join } from "@std/path";
import { readGreyImage } from "../../../data/mod.ts";
import {
  detectKeypoints,
  estimateFundamental,
  estimateHomography,
  type GreyPicture,
  type Keypoint,
  type PointPairs,
} from "../../../features/mod.ts";
import { fundamentalKind } from "../../../features/geometry/fundamental_kind.ts";
import { patchSideSigmas } from "../../../features/patches/patch_region.ts";
import type { Describer } from "../../../pipeline/descriptors/describers.ts";
import { transferErrors } from "../../../pipeline/metrics/image_pairs.ts";
import {
  describeKeypoints,
  type JudgedPair,
  judgeMatches,
  type KeypointKinds,
  keypointSizes,
  type Place,
  placesOf,
} from "./judged_matches.ts";

/** Keypoints of each photograph, the strongest ones. */
export const mostKeypoints = 2000;
/** Ratio of the matches that a truth is estimated from: few, of which most are right. */
const surestRatio = 0.8;

/** Two photographs of Debian's `opencv-doc`. */
export interface OpencvPair extends JudgedPair {
  name: string;
  /** the published homography; undefined where none is */
  homography?: readonly number[];
  /**
   * Kinds of left keypoints that matching mAP is told of apart; none where the truth is a line, near which almost every keypoint has a
   * right one.
   */
  kinds: KeypointKinds;
}

/**
 * The pairs of the package's folder `examples/data`: graf and aloe with the truth that comes with them, box and leuven, which come without, with
 * what the reference's surest matches agree on, so that what doubt there is favours the reference.
 */
export async function readOpencvPairs(
  folder: string,
  reference: Describer,
): Promise<OpencvPair[]> {
  return [
    await graf(folder),
    await aloe(folder),
    await box(folder, reference),
    await leuven(folder, reference),
  ];
}

/** How much disparities may differ, in pixels, over a patch that shows one depth. */
const oneDepthPixels = 3;
/** Places of a patch that are looked at, along each side. */
const probes = 9;

/** A wall from 30° aside, with its homography. */
async function graf(folder: string): Promise<OpencvPair> {
  const text = await Deno.readTextFile(join(folder, "H1to3p.xml"));
  const homography = /<data>([^<]*)<\/data>/.exec(text)![1].trim().split(/\s+/)
    .map(Number);
  return {
    name: "graf1, graf3",
    left: await readGreyImage(join(folder, "graf1.png")),
    right: await readGreyImage(join(folder, "graf3.png")),
    homography,
    kinds: keypointSizes,
    errorPixels: (left, right) => transferErrors(homography, left, right)[0],
  };
}

/** Leaves from two places side by side, with a map of disparities. */
async function aloe(folder: string): Promise<OpencvPair> {
  const { width, height, pixels } = await readGreyImage(
    join(folder, "aloeGT.png"),
  );
  /** undefined where it is not known */
  const disparityAt = ([x, y]: Place): number | undefined => {
    const [column, row] = [Math.round(x), Math.round(y)];
    const isInside = column >= 0 && row >= 0 && column < width && row < height;
    return (isInside && pixels[row * width + column]) || undefined;
  };
  /** Whether all that is known of a keypoint's patch lies at one depth. */
  const isOneDepth = ({ x, y, sigma }: Keypoint): boolean => {
    const known: number[] = [];
    for (let at = 0; at < probes ** 2; at++) {
      const across = [at % probes, Math.floor(at / probes)].map((step) =>
        (step / (probes - 1) - 0.5) * patchSideSigmas * sigma
      );
      const disparity = disparityAt([x + across[0], y + across[1]]);
      if (disparity !== undefined) known.push(disparity);
    }
    return Math.max(...known) - Math.min(...known) < oneDepthPixels;
  };
  return {
    name: "aloeL, aloeR",
    left: await readGreyImage(join(folder, "aloeL.jpg")),
    right: await readGreyImage(join(folder, "aloeR.jpg")),
    kinds: {
      ...keypointSizes,
      "at one depth": isOneDepth,
      "at several depths": (keypoint) => !isOneDepth(keypoint),
    },
    errorPixels: (left, right) => {
      const disparity = disparityAt(left);
      return disparity === undefined
        ? NaN
        : Math.hypot(left[0] - disparity - right[0], left[1] - right[1]);
    },
  };
}

/** A box before other things, from its front and aside: a plane. */
async function box(folder: string, reference: Describer): Promise<OpencvPair> {
  const left = await readGreyImage(join(folder, "box.png"));
  const right = await readGreyImage(join(folder, "box_in_scene.png"));
  const found = estimateHomography(await surestPairs(left, right, reference));
  if (!found.found) throw new Error(`box: ${found.reason}`);
  return {
    name: "box, box in scene",
    left,
    right,
    kinds: keypointSizes,
    errorPixels: (from, to) => transferErrors(found.matrix, from, to)[0],
  };
}

/** A street from two places: a line of the right photograph is all that a place of the left one says. */
async function leuven(
  folder: string,
  reference: Describer,
): Promise<OpencvPair> {
  const left = await readGreyImage(join(folder, "leuvenA.jpg"));
  const right = await readGreyImage(join(folder, "leuvenB.jpg"));
  const found = estimateFundamental(await surestPairs(left, right, reference));
  if (!found.found) throw new Error(`leuven: ${found.reason}`);
  return {
    name: "leuvenA, leuvenB",
    left,
    right,
    kinds: {},
    errorPixels: (from, to) => {
      const squared = new Float64Array(1);
      const pair = {
        left: Float64Array.of(...from),
        right: Float64Array.of(...to),
      };
      fundamentalKind.squaredErrors(found.matrix, pair, 0, 1, squared);
      return Math.sqrt(squared[0]);
    },
  };
}

/** The places of a descriptor's surest matches. */
async function surestPairs(
  left: GreyPicture,
  right: GreyPicture,
  describer: Describer,
): Promise<PointPairs> {
  const pair = { left, right, errorPixels: () => NaN };
  const keypoints = [left, right].map((picture) =>
    detectKeypoints(picture, { most: mostKeypoints })
  );
  const rows = [
    await describeKeypoints(describer, left, keypoints[0]),
    await describeKeypoints(describer, right, keypoints[1]),
  ];
  return placesOf(
    judgeMatches(pair, keypoints, rows, describer.dimension, surestRatio),
  );
}
