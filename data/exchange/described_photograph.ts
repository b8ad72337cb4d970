import type { Orientation } from "../images/grey_image.ts";

/** What other programs are told of a photograph besides its keypoints. */
export interface ExchangedPhotograph {
  /** path in the folder of the photographs, `/`-separated: what other programs know it by */
  name: string;
  /** pixels, upright */
  width: number;
  /** pixels, upright */
  height: number;
  /** how the file stores the picture that was turned upright; 1 is as it is */
  orientation: Orientation;
  /** number of keypoints */
  count: number;
}

/** A photograph's keypoints and descriptors, on their way to another program. */
export interface DescribedPhotograph extends ExchangedPhotograph {
  /**
   * f64 [count, 5] x, y (pixels from the centre of the first), sigma (pixels), angle (radians, clockwise), response (share of the range
   * of grey values): docs/geometry.md
   */
  keypoints: Float64Array;
  /** f32 [count, dimension], rows of length 1 (TFeat's of none) */
  descriptors: Float32Array;
  /** values in a descriptor */
  dimension: number;
}

/** Numbers that a keypoint has: x, y, sigma, angle, response. */
export const keypointFields = 5;

/** What was found to hold between two photographs. */
export interface ExchangedGeometry {
  kind: "homography" | "fundamental";
  /** [9] row by row, for pixels from the centre of the first one: right ~ H·left, or rightᵀ·F·left = 0 */
  matrix: Float64Array;
}

/** Matches of two photographs, on their way to another program. */
export interface MatchedPair {
  left: ExchangedPhotograph;
  right: ExchangedPhotograph;
  /** u32 [matches, 2] numbers of the left and of the right keypoint, from 0 */
  matches: Uint32Array;
  /** f32 [matches] Euclidean distance of the two descriptors */
  distances: Float32Array;
  /** f32 [matches] distance to the nearest over that to the second nearest descriptor */
  ratios: Float32Array;
  /** undefined when matches were not verified, null when they were and nothing holds */
  geometry: ExchangedGeometry | null | undefined;
  /** numbers of the matches that agree with the geometry, rising */
  inliers: Uint32Array;
}

/**
 * Numbers of the matches that a format which does not tell both is given.
 *
 * @param onlyInliers whether those that the geometry refutes are left out; without one, none is
 */
export function toldMatches(
  { distances, geometry, inliers }: MatchedPair,
  onlyInliers: boolean,
): Uint32Array {
  return onlyInliers && geometry !== undefined
    ? inliers
    : Uint32Array.from(distances, (_, number) => number);
}

/** Rows of a table of matches. */
export function chosenMatches(
  matches: Uint32Array,
  numbers: Uint32Array,
): Uint32Array<ArrayBuffer> {
  const chosen = new Uint32Array(2 * numbers.length);
  numbers.forEach((number, index) => {
    chosen.set(matches.subarray(2 * number, 2 * number + 2), 2 * index);
  });
  return chosen;
}
