import {
  cutPatches,
  estimateHomography,
  type GreyPicture,
  type Keypoint,
  matchDescriptors,
  type PointPairs,
} from "../../../features/mod.ts";
import type { Describer } from "../../../pipeline/descriptors/describers.ts";
import { cornerErrorPixels } from "../../../pipeline/metrics/image_pairs.ts";
import { intervalText } from "./interval_text.ts";

/** A match is right where it lies so near to the truth. */
export const rightPixels = 3;
/** Ratios that every descriptor is matched with; 1 takes all mutual nearest neighbours, as HPatches' mean matching accuracy does. */
export const judgedRatios = [0.8, 0.9, 0.95, 1];
const patchSidePixels = 64;

/** x and y in pixels of a picture. */
export type Place = readonly [x: number, y: number];

/** Kinds of keypoints that figures are told of apart. */
export type KeypointKinds = Readonly<
  Record<string, (keypoint: Keypoint) => boolean>
>;

export const keypointSizes: KeypointKinds = {
  all: () => true,
  "σ below 2 px": ({ sigma }) => sigma < 2,
  "σ of 2 px and more": ({ sigma }) => sigma >= 2,
};

/** Two pictures, and how far a match is from the truth in pixels: NaN where that is not known. */
export interface JudgedPair {
  left: GreyPicture;
  right: GreyPicture;
  errorPixels(left: Place, right: Place): number;
}

/** A match of two pictures and how far it is from the truth. */
export interface JudgedMatch {
  left: Place;
  right: Place;
  leftKeypoint: number;
  /** NaN where it is not known */
  errorPixels: number;
  /** number of what a bootstrap draws whole: the left keypoint, or the pair */
  unit: number;
}

/** Descriptors of a picture's keypoints, [keypoints, dimension], of patches cut as `match` cuts them. */
export async function describeKeypoints(
  describer: Describer,
  picture: GreyPicture,
  keypoints: readonly Keypoint[],
): Promise<Float32Array> {
  const patches = cutPatches(picture, keypoints, {
    sidePixels: patchSidePixels,
  });
  return await describer.describe(patches, patchSidePixels);
}

/** All matches of a pair, whether their truth is known or not; the unit of each is its left keypoint. */
export function judgeMatches(
  pair: JudgedPair,
  keypoints: readonly (readonly Keypoint[])[],
  rows: readonly Float32Array[],
  dimension: number,
  ratio: number,
): JudgedMatch[] {
  const matches = matchDescriptors(rows[0], rows[1], dimension, { ratio });
  return Array.from(matches.left, (leftKeypoint, match) => {
    const { x, y } = keypoints[0][leftKeypoint];
    const to = keypoints[1][matches.right[match]];
    const [left, right]: Place[] = [[x, y], [to.x, to.y]];
    const errorPixels = pair.errorPixels(left, right);
    return { left, right, leftKeypoint, errorPixels, unit: leftKeypoint };
  });
}

/** Whether the truth of a match is known. */
export function isJudged({ errorPixels }: JudgedMatch): boolean {
  return !Number.isNaN(errorPixels);
}

/** The places that matches join. */
export function placesOf(matches: readonly JudgedMatch[]): PointPairs {
  return {
    left: Float64Array.from(matches.flatMap(({ left }) => left)),
    right: Float64Array.from(matches.flatMap(({ right }) => right)),
  };
}

/** Mean error, in pixels, of a picture's corners under the homography that matches agree on; Infinity where they agree on none. */
export function cornerErrorOf(
  matches: readonly JudgedMatch[],
  truth: ArrayLike<number>,
  { width, height }: GreyPicture,
): number {
  const found = estimateHomography(placesOf(matches));
  return found.found
    ? cornerErrorPixels(found.matrix, truth, width, height)
    : Infinity;
}

/** How many matches there are, and right ones, each as often as its unit was drawn. */
function countDrawn(matches: readonly JudgedMatch[], draws?: Uint16Array) {
  let all = 0, right = 0;
  for (const { unit, errorPixels } of matches) {
    const times = draws?.[unit] ?? 1;
    all += times;
    if (errorPixels <= rightPixels) right += times;
  }
  return { all, right };
}

/** Heads of the columns that {@linkcode countCells} fills. */
export const countHeads = [
  "matches",
  `right within ${rightPixels} px`,
  "right %",
  "more right ones than RootSIFT",
];

/**
 * Matches, right ones, their share and how many more than the reference's these are, with 95 % intervals over the same draws.
 *
 * @param draws how often each unit was drawn, [replicates][units]
 * @param reference RootSIFT's matches; these very matches leave the last cell empty
 */
export function countCells(
  matches: readonly JudgedMatch[],
  draws: readonly Uint16Array[],
  reference: readonly JudgedMatch[],
): string[] {
  const drawn = draws.map((one) => countDrawn(matches, one));
  const { all, right } = countDrawn(matches);
  const referenceRight = draws.map((one) => countDrawn(reference, one).right);
  return [
    String(all),
    intervalText(right, drawn.map((one) => one.right), 0),
    intervalText(
      100 * right / all,
      drawn.map((one) => 100 * one.right / one.all),
      1,
    ),
    matches === reference ? "" : intervalText(
      right - countDrawn(reference).right,
      drawn.map((one, at) => one.right - referenceRight[at]),
      0,
    ),
  ];
}
