import { trapezoidTerm } from "./average_precision.ts";
import type { Figure } from "./figure.ts";

/**
 * HPatches patch retrieval for one query at one noise level: average precision (trapezoid) of a pool that starts with
 * the query's own patches and goes on with distractors in file order, cut to its first k entries.
 *
 * Only the number of distractors nearer than each match counts, so nothing is sorted. The matches stand first and the
 * protocol sorts stably: a match stands before every distractor of equal distance, and `value` is `high` (all distances
 * equal give 1.0, a known flaw of the benchmark).
 *
 * @param matches distances of the query's own patches (5 in the benchmark)
 * @param distractors distances of the distractors of other sequences, in file order
 * @param cuts pool sizes k ≥ 1, ascending; a k beyond the pool means all of it, one below the number of matches keeps k matches
 * @returns one figure for each cut, fractions
 * @throws RangeError when the cuts do not ascend
 */
export function retrievalFigures(
  matches: Float64Array,
  distractors: Float64Array,
  cuts: readonly number[],
): Figure[] {
  const count = matches.length;
  const nearer = new Uint32Array(count);
  const notFarther = new Uint32Array(count);
  let farthest = -Infinity;
  for (let i = 0; i < count; i++) farthest = Math.max(farthest, matches[i]);
  let seen = 0;
  let lastCut = 0;
  return cuts.map((cut) => {
    if (!(cut >= 1) || cut < lastCut) {
      throw new RangeError(`pool size ${cut} after ${lastCut}`);
    }
    lastCut = cut;
    const end = Math.min(Math.max(cut - count, 0), distractors.length);
    for (; seen < end; seen++) {
      const distance = distractors[seen];
      if (distance > farthest) continue;
      for (let i = 0; i < count; i++) {
        if (distance < matches[i]) nearer[i]++;
        if (distance <= matches[i]) notFarther[i]++;
      }
    }
    const kept = Math.min(cut, count);
    const high = averagePrecisionOfCounts(nearer.slice(0, kept));
    const low = averagePrecisionOfCounts(notFarther.slice(0, kept));
    return { value: high, low, high };
  });
}

/** @param ahead distractors before each match; the match with fewest comes first */
function averagePrecisionOfCounts(ahead: Uint32Array): number {
  if (ahead.length === 0) return 0;
  ahead.sort();
  let sum = 0;
  for (let i = 0; i < ahead.length; i++) sum += trapezoidTerm(i, ahead[i]);
  return sum / ahead.length;
}
