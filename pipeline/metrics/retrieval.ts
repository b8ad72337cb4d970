import { trapezoidTerm } from "./average_precision.ts";
import type { Figure } from "./figure.ts";

/** What scores say about the distances of one query to a run of distractors. */
export interface ScoredPool {
  /** growing with the distance */
  scores: Float32Array | Float64Array;
  /** the score of a distance d is `d·scale + shift` */
  scale: number;
  shift: number;
  /** by how much a score may be off; 0 when scores are the distances themselves */
  errorBound: number;
  /** exact distance of the entry at an index of `scores` */
  distanceAt(index: number): number;
}

/**
 * HPatches patch retrieval: for each query the number of distractors nearer than each of its matches, counted while the
 * pools stream by, and the figures that follow.
 *
 * A pool starts with the query's own patches and goes on with the distractors in file order, cut to its first k entries. Only
 * the number of distractors nearer than each match counts, so nothing is sorted. A distractor whose score leaves open on
 * which side of a match it lies is decided by its exact distance, so figures do not depend on the scores' precision.
 */
export class PoolCounts {
  readonly #matches: number;
  readonly #segments: number;
  /** [queries, matches] ascending */
  readonly #distances: Float64Array;
  /** [queries, matches] position among the ascending by place of the match */
  readonly #rank: Uint8Array;
  /** [queries, segments, matches + 1] distractors by how many matches are nearer or equal */
  readonly #nearer: Uint32Array;
  /** the same, by how many matches are nearer */
  readonly #notFarther: Uint32Array;
  readonly #low: Float64Array;
  readonly #high: Float64Array;
  #query = 0;
  #pool: ScoredPool | undefined;

  /**
   * @param matches own patches of a query, all noise levels together
   * @param segments pieces that the cuts divide the distractors into
   */
  constructor(queries: number, matches: number, segments: number) {
    this.#matches = matches;
    this.#segments = segments;
    this.#distances = new Float64Array(queries * matches);
    this.#rank = new Uint8Array(queries * matches);
    this.#nearer = new Uint32Array(queries * segments * (matches + 1));
    this.#notFarther = new Uint32Array(queries * segments * (matches + 1));
    this.#low = new Float64Array(matches);
    this.#high = new Float64Array(matches);
  }

  /** Says how far a query's own patches are. */
  setMatches(query: number, distances: Float64Array): void {
    const base = query * this.#matches;
    const order = Uint8Array.from(distances, (_, i) => i)
      .sort((a, b) => distances[a] - distances[b]);
    order.forEach((place, rank) => {
      this.#distances[base + rank] = distances[place];
      this.#rank[base + place] = rank;
    });
  }

  /** Makes a query and the scores of some distractors current. */
  select(query: number, pool: ScoredPool): void {
    this.#query = query;
    this.#pool = pool;
    const base = query * this.#matches;
    for (let i = 0; i < this.#matches; i++) {
      const score = this.#distances[base + i] * pool.scale + pool.shift;
      this.#low[i] = score - pool.errorBound;
      this.#high[i] = score + pool.errorBound;
    }
  }

  /** Counts the entries `from` … `to − 1` of the current scores, which lie in one segment. */
  count(segment: number, from: number, to: number): void {
    const { scores } = this.#pool!;
    const low = this.#low;
    const high = this.#high;
    const matches = this.#matches;
    const limit = high[matches - 1];
    const bins = (this.#query * this.#segments + segment) * (matches + 1);
    for (let at = from; at < to; at++) {
      const score = scores[at];
      if (score > limit) continue;
      let bin = matches;
      while (bin > 0 && !(score > high[bin - 1])) bin--;
      if (score < low[bin]) {
        this.#nearer[bins + bin]++;
        this.#notFarther[bins + bin]++;
      } else this.#countExactly(bins, this.#pool!.distanceAt(at));
    }
  }

  #countExactly(bins: number, distance: number): void {
    const base = this.#query * this.#matches;
    let nearer = 0;
    let nearerOrEqual = 0;
    for (let i = 0; i < this.#matches; i++) {
      if (this.#distances[base + i] < distance) nearer++;
      if (this.#distances[base + i] <= distance) nearerOrEqual++;
    }
    this.#nearer[bins + nearerOrEqual]++;
    this.#notFarther[bins + nearer]++;
  }

  /**
   * Average precision (trapezoid) of a query's pool, for each cut. The matches stand first and the protocol sorts stably: a
   * match stands before every distractor of equal distance, and `value` is `high` (all distances equal give 1.0, a known flaw
   * of the benchmark).
   *
   * @param first the first of the matches that stand in this pool
   * @param count how many these are (5 in the benchmark)
   * @param cuts pool sizes; a k beyond this query's pool means all of it, one below `count` keeps the first k matches
   * @returns one figure for each cut, fractions
   */
  figures(
    query: number,
    first: number,
    count: number,
    cuts: readonly number[],
  ): Figure[] {
    const nearer = new Uint32Array(count);
    const notFarther = new Uint32Array(count);
    const bins = this.#matches + 1;
    return cuts.map((cut, segment) => {
      const start = (query * this.#segments + segment) * bins;
      for (let i = 0; i < count; i++) {
        const rank = this.#rank[query * this.#matches + first + i];
        for (let bin = 0; bin <= rank; bin++) {
          nearer[i] += this.#nearer[start + bin];
          notFarther[i] += this.#notFarther[start + bin];
        }
      }
      const kept = Math.min(cut, count);
      const high = averagePrecisionOfCounts(nearer.slice(0, kept));
      const low = averagePrecisionOfCounts(notFarther.slice(0, kept));
      return { value: high, low, high };
    });
  }
}

/**
 * Ends of the segments that pool sizes divide a list of distractors into: how many distractors stand in each pool.
 *
 * @param cuts pool sizes k ≥ 1, ascending
 * @param matches own patches that stand first in a pool
 * @param skipped ascending indices of distractors that are in no pool
 * @param distractors length of the list
 * @returns for each cut the index behind its last distractor
 * @throws {RangeError} when the cuts do not ascend
 */
export function segmentEnds(
  cuts: readonly number[],
  matches: number,
  skipped: readonly number[],
  distractors: number,
): number[] {
  let passed = 0;
  return cuts.map((cut, at) => {
    if (!(cut >= 1) || (at > 0 && cut < cuts[at - 1])) {
      throw new RangeError(`pool size ${cut} after ${cuts[at - 1] ?? 0}`);
    }
    const wanted = Math.max(cut - matches, 0);
    while (passed < skipped.length && skipped[passed] < wanted + passed) {
      passed++;
    }
    return Math.min(wanted + passed, distractors);
  });
}

/**
 * The pool sizes that some pool has. A larger k would measure the whole pool again, and count it again in the mean over pool
 * sizes. Where no pool has any of them, its whole size is the one that is left.
 *
 * @param cuts pool sizes k
 * @param largestPool entries of the largest pool, own patches and distractors
 * @returns both ascending, each k once
 */
export function reachedCuts(
  cuts: readonly number[],
  largestPool: number,
): { reached: number[]; beyond: number[] } {
  const ascending = [...new Set(cuts)].sort((a, b) => a - b);
  const reached = ascending.filter((cut) => cut <= largestPool);
  return {
    reached: reached.length > 0 ? reached : [largestPool],
    beyond: ascending.filter((cut) => cut > largestPool),
  };
}

/** @param ahead distractors before each match; the match with fewest comes first */
function averagePrecisionOfCounts(ahead: Uint32Array): number {
  if (ahead.length === 0) return 0;
  ahead.sort();
  let sum = 0;
  for (let i = 0; i < ahead.length; i++) sum += trapezoidTerm(i, ahead[i]);
  return sum / ahead.length;
}
