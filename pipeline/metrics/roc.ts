import type { Figure } from "./figure.ts";
import { requireSameLength, stableOrder } from "./ranking.ts";

/**
 * Area under the ROC curve by the trapezoid rule, from a stable ranking with a leading point (0, 0): the mean over all
 * non-matches of the share of the matches ranked before them.
 *
 * Like the HPatches benchmark, it takes a step for every entry, so tied entries count in index order (a rank statistic
 * would give them half a step; `low` and `high` bracket that).
 *
 * @param distances [n], smaller = better
 * @param labels [n], 1 = match, 0 = not
 * @returns fractions in [0, 1]; 0 when either kind is missing
 * @throws {RangeError} when the lengths differ
 */
export function rocArea(distances: Float64Array, labels: Uint8Array): Figure {
  requireSameLength(distances, labels);
  const order = stableOrder(distances);
  const count = order.length;
  let matches = 0;
  let others = 0;
  const sum = { value: 0, low: 0, high: 0 };
  for (let start = 0, end = 0; start < count; start = end) {
    const distance = distances[order[start]];
    const matchesBefore = matches;
    const othersBefore = others;
    for (
      end = start;
      end < count && distances[order[end]] === distance;
      end++
    ) {
      if (labels[order[end]] === 1) {
        matches++;
      } else {
        sum.value += matches;
        others++;
      }
    }
    sum.low += (others - othersBefore) * matchesBefore;
    sum.high += (others - othersBefore) * matches;
  }
  const pairs = matches * others;
  if (pairs === 0) return { value: 0, low: 0, high: 0 };
  return {
    value: sum.value / pairs,
    low: sum.low / pairs,
    high: sum.high / pairs,
  };
}
