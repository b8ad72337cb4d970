import type { Figure } from "./figure.ts";
import { requireSameLength, stableOrder } from "./ranking.ts";

/** Share of the matches that must be found. */
const recallPoint = 0.95;

/**
 * False positive rate at 95 % recall, as the PhotoTour benchmark's users compute it: with pairs sorted by distance, the
 * threshold is the first index at which the cumulative count of matches reaches 0.95 × all matches;
 * `FPR95 = non-matches before that index / all non-matches`.
 *
 * The `low` and `high` of the result are the best and the worst rate over all orders of tied pairs.
 *
 * @param distances [n]
 * @param labels [n], 1 = match, 0 = not
 * @returns fractions in [0, 1], smaller = better
 * @throws {RangeError} when there is no match or no non-match, or the lengths differ
 */
export function fpr95(distances: Float64Array, labels: Uint8Array): Figure {
  requireSameLength(distances, labels);
  const count = labels.length;
  let allMatches = 0;
  for (let i = 0; i < count; i++) allMatches += labels[i];
  const allOthers = count - allMatches;
  if (allMatches === 0 || allOthers === 0) {
    throw new RangeError(`${allMatches} matches and ${allOthers} non-matches`);
  }
  const order = stableOrder(distances);
  const wanted = recallPoint * allMatches;
  let matches = 0;
  let others = 0;
  let threshold = 0;
  for (; threshold < count; threshold++) {
    if (labels[order[threshold]] === 1) matches++;
    if (matches >= wanted) break;
    if (labels[order[threshold]] === 0) others++;
  }
  // The group of pairs tied with the threshold pair: all its non-matches may stand before it, or none.
  const distance = distances[order[threshold]];
  let fewest = others;
  let most = others;
  for (let i = threshold - 1; i >= 0; i--) {
    if (distances[order[i]] !== distance) break;
    if (labels[order[i]] === 0) fewest--;
  }
  for (let i = threshold + 1; i < count; i++) {
    if (distances[order[i]] !== distance) break;
    if (labels[order[i]] === 0) most++;
  }
  return {
    value: others / allOthers,
    low: fewest / allOthers,
    high: most / allOthers,
  };
}
