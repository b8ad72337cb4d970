import { type Keypoint, matchDescriptors } from "../../../features/mod.ts";
import { trapezoidAveragePrecision } from "../../../pipeline/metrics/average_precision.ts";
import { intervalText } from "./interval_text.ts";
import { type JudgedPair, rightPixels } from "./judged_matches.ts";

/** A left keypoint's nearest right descriptor, whatever the ratio and whether or not the choice is mutual. */
export interface NearestMatch {
  leftKeypoint: number;
  distance: number;
  isRight: boolean;
}

/** Which left keypoints have a right one where the truth takes them, so that they could be matched right. */
export function haveCounterparts(
  { errorPixels }: JudgedPair,
  [left, right]: readonly (readonly Keypoint[])[],
): boolean[] {
  return left.map(({ x, y }) =>
    right.some((other) =>
      errorPixels([x, y], [other.x, other.y]) <= rightPixels
    )
  );
}

/** The nearest right descriptors of the left keypoints that have a counterpart. */
export function nearestMatches(
  pair: JudgedPair,
  keypoints: readonly (readonly Keypoint[])[],
  counterparts: readonly boolean[],
  rows: readonly Float32Array[],
  dimension: number,
): NearestMatch[] {
  const { left, right, distances } = matchDescriptors(
    rows[0],
    rows[1],
    dimension,
    { mutual: false },
  );
  const matches: NearestMatch[] = [];
  left.forEach((leftKeypoint, match) => {
    if (!counterparts[leftKeypoint]) return;
    const from = keypoints[0][leftKeypoint];
    const to = keypoints[1][right[match]];
    const errorPixels = pair.errorPixels([from.x, from.y], [to.x, to.y]);
    matches.push({
      leftKeypoint,
      distance: distances[match],
      isRight: errorPixels <= rightPixels,
    });
  });
  return matches;
}

/**
 * HPatches' matching: average precision of the nearest descriptors by ascending distance, where all keypoints with a counterpart are the
 * positives.
 *
 * @param draws how often each left keypoint was drawn; default: once
 */
export function matchingPrecision(
  matches: readonly NearestMatch[],
  draws?: Uint16Array,
): number {
  const drawn = draws === undefined
    ? matches
    : matches.flatMap((match) =>
      Array<NearestMatch>(draws[match.leftKeypoint]).fill(match)
    );
  return trapezoidAveragePrecision(
    Float64Array.from(drawn, ({ distance }) => distance),
    Uint8Array.from(drawn, ({ isRight }) => isRight ? 1 : 0),
    drawn.length,
  ).value;
}

/**
 * The mean over pairs of their matching's average precision; pairs without a keypoint that could be matched right have none and are passed over.
 *
 * @param byPair [pairs]
 * @param draws how often each pair was drawn; default: once
 */
export function meanPrecision(
  byPair: readonly (number | undefined)[],
  draws?: Uint16Array,
): number {
  let sum = 0, count = 0;
  byPair.forEach((precision, pair) => {
    if (precision === undefined) return;
    const times = draws?.[pair] ?? 1;
    sum += times * precision;
    count += times;
  });
  return sum / count;
}

/** Heads of the columns that {@linkcode precisionCells} fills. */
export const precisionHeads = ["matching mAP %", "points above RootSIFT"];

/**
 * A precision in % and how many points it lies above the reference's, with 95 % intervals over the same draws.
 *
 * @param drawn the precision with each draw, [replicates]
 * @param reference RootSIFT's
 * @param referenceDrawn RootSIFT's; this very array leaves the last cell empty
 */
export function precisionCells(
  precision: number,
  drawn: readonly number[],
  reference: number,
  referenceDrawn: readonly number[],
): string[] {
  return [
    intervalText(100 * precision, drawn.map((one) => 100 * one), 1),
    drawn === referenceDrawn ? "" : intervalText(
      100 * (precision - reference),
      drawn.map((one, at) => 100 * (one - referenceDrawn[at])),
      1,
    ),
  ];
}
