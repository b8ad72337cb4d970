import type { Figure } from "./figure.ts";

/** Runs up to this length are sorted by insertion before the merging starts. */
const runLength = 16;

/**
 * The permutation that sorts distances ascending (= scores descending) and keeps equal distances in index order.
 *
 * Merge sort that carries the keys along, so that every pass reads memory in order.
 *
 * @param distances finite, any order
 * @returns indices into `distances`, nearest first
 */
export function stableOrder(distances: Float64Array): Uint32Array {
  const count = distances.length;
  let keys = distances.slice();
  let order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  for (let start = 0; start < count; start += runLength) {
    insertionSort(keys, order, start, Math.min(start + runLength, count));
  }
  let spareKeys = new Float64Array(count);
  let spareOrder = new Uint32Array(count);
  for (let width = runLength; width < count; width *= 2) {
    for (let start = 0; start < count; start += 2 * width) {
      const middle = Math.min(start + width, count);
      const end = Math.min(start + 2 * width, count);
      let left = start;
      let right = middle;
      for (let out = start; out < end; out++) {
        const takeLeft = right >= end ||
          (left < middle && keys[left] <= keys[right]);
        const from = takeLeft ? left++ : right++;
        spareKeys[out] = keys[from];
        spareOrder[out] = order[from];
      }
    }
    [keys, spareKeys] = [spareKeys, keys];
    [order, spareOrder] = [spareOrder, order];
  }
  return order;
}

function insertionSort(
  keys: Float64Array,
  order: Uint32Array,
  start: number,
  end: number,
): void {
  for (let i = start + 1; i < end; i++) {
    const key = keys[i];
    const index = order[i];
    let j = i - 1;
    while (j >= start && keys[j] > key) {
      keys[j + 1] = keys[j];
      order[j + 1] = order[j];
      j--;
    }
    keys[j + 1] = key;
    order[j + 1] = index;
  }
}

/** What a match adds to a measure, given how many matches and how many non-matches rank before it. */
export type MatchTerm = (matchesAhead: number, othersAhead: number) => number;

/**
 * Sum of a term over all matches of a ranking, in the stable order and in the two extreme orders of tied entries.
 *
 * @param distances [n]
 * @param labels [n], 1 = match, 0 = not
 */
export function sumOverMatches(
  distances: Float64Array,
  labels: Uint8Array,
  term: MatchTerm,
): Figure {
  requireSameLength(distances, labels);
  const order = stableOrder(distances);
  const count = order.length;
  const sum = { value: 0, low: 0, high: 0 };
  let matches = 0;
  let others = 0;
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
        sum.value += term(matches++, others);
      } else {
        others++;
      }
    }
    for (let ahead = matchesBefore; ahead < matches; ahead++) {
      sum.low += term(ahead, others);
      sum.high += term(ahead, othersBefore);
    }
  }
  return sum;
}

/** @throws {RangeError} when distances and labels do not belong together */
export function requireSameLength(
  distances: ArrayLike<number>,
  labels: ArrayLike<number>,
): void {
  if (distances.length !== labels.length) {
    throw new RangeError(
      `${distances.length} distances and ${labels.length} labels`,
    );
  }
}
