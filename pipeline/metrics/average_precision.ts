import type { Figure } from "./figure.ts";
import { sumOverMatches } from "./ranking.ts";

/** The benchmark's guard against 0/0; it makes the precision of an empty list 1. */
const tiny = 1e-10;

/**
 * What one match adds to the trapezoid area, before the division by the number of matches: the mean of the precision
 * at the point before it and at the point after it, `(P(t, f) + P(t+1, f)) / 2` with `P(t, f) = max(t, 1e-10) / max(t+f, 1e-10)`.
 * Non-matches leave the recall where it is, so they add no area of their own.
 */
export function trapezoidTerm(
  matchesAhead: number,
  othersAhead: number,
): number {
  const before = Math.max(matchesAhead, tiny) /
    Math.max(matchesAhead + othersAhead, tiny);
  const after = (matchesAhead + 1) / (matchesAhead + 1 + othersAhead);
  return (before + after) / 2;
}

/**
 * Average precision as the HPatches benchmark has it: area under precision over recall by the trapezoid rule, with a
 * leading point (recall 0, precision 1).
 *
 * @param distances [n], smaller = better
 * @param labels [n], 1 = match, 0 = not
 * @param matchCount all matches there are, those that are not in the list included (the benchmark's `numpos`); they are
 * never retrieved and only lower the recall. Default: the matches of the list
 * @returns fractions in [0, 1]; 0 when there is no match at all
 * @throws {RangeError} when the list holds more than `matchCount` matches, or the lengths differ
 */
export function trapezoidAveragePrecision(
  distances: Float64Array,
  labels: Uint8Array,
  matchCount?: number,
): Figure {
  const listed = countMatches(labels);
  const all = matchCount ?? listed;
  if (all < listed) {
    throw new RangeError(`${listed} matches in the list, ${all} in all`);
  }
  return scaled(sumOverMatches(distances, labels, trapezoidTerm), all);
}

/**
 * Step-wise average precision, as PhotoTour results are reported: the mean over all matches of the precision at the
 * match's own rank.
 *
 * @param distances [n], smaller = better
 * @param labels [n], 1 = match, 0 = not
 * @returns fractions in [0, 1]; 0 when there is no match
 */
export function stepAveragePrecision(
  distances: Float64Array,
  labels: Uint8Array,
): Figure {
  const sum = sumOverMatches(
    distances,
    labels,
    (matches, others) => (matches + 1) / (matches + 1 + others),
  );
  return scaled(sum, countMatches(labels));
}

function countMatches(labels: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < labels.length; i++) count += labels[i];
  return count;
}

function scaled(sum: Figure, matchCount: number): Figure {
  if (matchCount === 0) return { value: 0, low: 0, high: 0 };
  return {
    value: sum.value / matchCount,
    low: sum.low / matchCount,
    high: sum.high / matchCount,
  };
}
