import {
  checkMatchOptions,
  checkRows,
  keptMatches,
  type Matches,
  type MatchOptions,
} from "./match_descriptors.ts";
import { NearestTwo } from "./nearest_two.ts";

/**
 * Matches of the first n left and the first m right descriptors, for any n and m, after one comparison of all: where keypoints come
 * strongest first, those of any smaller number of keypoints.
 *
 * Of each descriptor it keeps the candidates that were nearest or second nearest when they came, about 2·ln m of m in any order that has
 * nothing to do with distance.
 */
export class NestedMatcher {
  readonly #rows: NearestHistory;
  readonly #columns: NearestHistory;

  /**
   * Compares all descriptors.
   *
   * @param left [N, dimension]
   * @param right [M, dimension]
   * @throws {RangeError} when the dimension or a length is out of its range
   */
  constructor(left: Float32Array, right: Float32Array, dimension: number) {
    checkRows(left, right, dimension);
    this.#rows = new NearestHistory(left.length / dimension);
    this.#columns = new NearestHistory(right.length / dimension);
    this.#rows.search(left, right, dimension, this.#columns);
  }

  /**
   * What `matchDescriptors` gives for the first descriptors of each side; all, where there are fewer.
   *
   * @throws {RangeError} when an option is out of its range
   */
  match(
    leftCount: number,
    rightCount: number,
    options: MatchOptions = {},
  ): Matches {
    checkMatchOptions(options);
    return keptMatches(
      this.#rows.among(leftCount, rightCount),
      this.#columns.among(rightCount, leftCount),
      options,
    );
  }
}

/** What a row's nearest two were once a candidate had come. */
interface Moment {
  candidate: number;
  index: number;
  first: number;
  second: number;
}

/** The nearest two of each row, and how they came to be. */
class NearestHistory extends NearestTwo {
  readonly #moments: Moment[][];

  constructor(rows: number) {
    super(rows);
    this.#moments = Array.from({ length: rows }, () => []);
  }

  override offer(row: number, candidate: number, distance: number): void {
    // Anything but less than the second nearest changes nothing; the first candidate makes none second.
    if (!(distance < this.second[row])) return;
    super.offer(row, candidate, distance);
    const index = this.index[row];
    const [first, second] = [this.first[row], this.second[row]];
    this.#moments[row].push({ candidate, index, first, second });
  }

  /** The nearest two of the first rows among the first candidates. */
  among(rows: number, candidates: number): NearestTwo {
    const count = Math.min(rows, this.index.length);
    const result = new NearestTwo(count);
    for (let row = 0; row < count; row++) {
      const moments = this.#moments[row];
      let at = moments.length - 1;
      while (at >= 0 && moments[at].candidate >= candidates) at--;
      if (at < 0) continue;
      result.index[row] = moments[at].index;
      result.first[row] = moments[at].first;
      result.second[row] = moments[at].second;
    }
    return result;
  }
}
