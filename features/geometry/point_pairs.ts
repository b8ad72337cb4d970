/** Points of two photographs that are believed to show the same place, pair by pair. */
export interface PointPairs {
  /** [pairs, 2] x and y in pixels of the left photograph */
  left: Float64Array;
  /** [pairs, 2] x and y in pixels of the right photograph */
  right: Float64Array;
}

/**
 * Number of pairs.
 *
 * @throws {RangeError} when the sides differ in length, a point lacks a coordinate or a coordinate is not finite
 */
export function countPairs({ left, right }: PointPairs): number {
  if (left.length !== right.length || left.length % 2 !== 0) {
    throw new RangeError(
      `${left.length} left and ${right.length} right coordinates`,
    );
  }
  if (!left.every(Number.isFinite) || !right.every(Number.isFinite)) {
    throw new RangeError("a coordinate that is not finite");
  }
  return left.length / 2;
}

/** The pairs of the given numbers, in their order. */
export function choosePairs(
  { left, right }: PointPairs,
  numbers: ArrayLike<number>,
): PointPairs {
  const chosen = (points: Float64Array) =>
    Float64Array.from(
      { length: numbers.length * 2 },
      (_, at) => points[2 * numbers[at >> 1] + at % 2],
    );
  return { left: chosen(left), right: chosen(right) };
}
