import { NearestTwo } from "./nearest_two.ts";

/** How two sets of descriptors are matched. */
export interface MatchOptions {
  /** keep a pair only when each is the other's nearest. Default true */
  mutual?: boolean;
  /**
   * keep a match only when its distance is below this share of the distance to the second nearest, in (0, 1]; with
   * `mutual` seen from both sides, so that exchanging the photographs exchanges the matches and no more. Default: no test
   */
  ratio?: number;
  /** keep a match only when its distance is at most this, in the descriptors' unit. Default: no limit */
  maxDistance?: number;
}

/** Matches of two photographs, in the order of the left keypoints. */
export interface Matches {
  /** [matches] number of the left keypoint */
  left: Uint32Array;
  /** [matches] number of the right keypoint */
  right: Uint32Array;
  /** [matches] Euclidean distance of the two descriptors */
  distances: Float32Array;
  /** [matches] distance to the nearest over distance to the second nearest, seen from the left; 0 where there is one only */
  ratios: Float32Array;
}

/**
 * Matches every left descriptor with its nearest right one, `argmin_j ‖left_i − right_j‖₂`; of equally near ones the
 * lowest number counts. Exact, and a pure function of its arguments. A descriptor that is not finite matches nothing.
 *
 * @param left [N, dimension]
 * @param right [M, dimension]
 * @throws {RangeError} when the dimension, a length or an option is out of its range
 */
export function matchDescriptors(
  left: Float32Array,
  right: Float32Array,
  dimension: number,
  options: MatchOptions = {},
): Matches {
  checkRows(left, right, dimension);
  checkMatchOptions(options);
  const rows = new NearestTwo(left.length / dimension);
  const columns = new NearestTwo(right.length / dimension);
  rows.search(left, right, dimension, columns);
  return keptMatches(rows, columns, options);
}

/** The matches of left rows, among them those that the options keep. */
export function keptMatches(
  rows: NearestTwo,
  columns: NearestTwo,
  { mutual = true, ratio, maxDistance = Infinity }: MatchOptions,
): Matches {
  const found: number[] = [];
  for (let row = 0; row < rows.index.length; row++) {
    const column = rows.index[row];
    const keep = column >= 0 &&
      Math.sqrt(rows.first[row]) <= maxDistance &&
      (!mutual || columns.index[column] === row) &&
      (ratio === undefined ||
        rows.ratio(row) < ratio &&
          (!mutual || columns.ratio(column) < ratio));
    if (keep) found.push(row);
  }
  return {
    left: Uint32Array.from(found),
    right: Uint32Array.from(found, (row) => rows.index[row]),
    distances: Float32Array.from(found, (row) => Math.sqrt(rows.first[row])),
    ratios: Float32Array.from(found, (row) => rows.ratio(row)),
  };
}

/** @throws {RangeError} when the dimension or a length is out of its range */
export function checkRows(
  left: Float32Array,
  right: Float32Array,
  dimension: number,
): void {
  if (!Number.isInteger(dimension) || dimension < 1) {
    throw new RangeError(`descriptors of ${dimension} numbers`);
  }
  for (const { length } of [left, right]) {
    if (length % dimension !== 0) {
      throw new RangeError(`${length} numbers in rows of ${dimension}`);
    }
  }
}

/** @throws {RangeError} when an option is out of its range */
export function checkMatchOptions({ ratio, maxDistance }: MatchOptions): void {
  if (ratio !== undefined && !(ratio > 0 && ratio <= 1)) {
    throw new RangeError(`a ratio of ${ratio}, wanted more than 0, at most 1`);
  }
  if (maxDistance !== undefined && !(maxDistance >= 0)) {
    throw new RangeError(`a distance of at most ${maxDistance}`);
  }
}
