import { toHloc } from "../../features/conventions/hloc.ts";
import {
  chosenMatches,
  type DescribedPhotograph,
  type MatchedPair,
} from "./described_photograph.ts";
import type { Hdf5Dataset } from "./hdf5_file.ts";
import { keypointsOf } from "./keypoint_rows.ts";

/**
 * A photograph as hloc's files of features have it, in the group of its name: `keypoints` [count, 2] (pixels from the centre of the first),
 * `descriptors` [dimension, count], `scores`, `scales` (sigma, pixels) and `oris` (degrees, clockwise) [count], `image_size` (width, height).
 */
export function hlocFeatures(
  photograph: DescribedPhotograph,
): Record<string, Hdf5Dataset> {
  const { count, dimension, descriptors, width, height } = photograph;
  const { keypoints, scores, scales, oris } = toHloc([
    ...keypointsOf(photograph),
  ]);
  const transposed = new Float32Array(descriptors.length);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < dimension; k++) {
      transposed[k * count + i] = descriptors[i * dimension + k];
    }
  }
  const list = (values: Float64Array): Hdf5Dataset => ({
    shape: [count],
    data: Float32Array.from(values),
  });
  return {
    keypoints: { shape: [count, 2], data: Float32Array.from(keypoints) },
    descriptors: { shape: [dimension, count], data: transposed },
    scores: list(scores),
    scales: list(scales),
    oris: list(oris),
    image_size: { shape: [2], data: Int32Array.of(width, height) },
  };
}

/** Name of a pair's group in hloc's files of matches. */
export function hlocPairName(left: string, right: string): string {
  return [left, right].map((name) => name.replaceAll("/", "-")).join("/");
}

/** Keypoints up to this number are told in 16 bits, as hloc does. */
const mostShort = 2 ** 15 - 1;

/**
 * A pair as hloc's files of matches have it: `matches0` [left keypoints], the number of the right keypoint or −1, and `matching_scores0`,
 * (1 + cosine)/2 of the two descriptors, or 0.
 *
 * @param onlyInliers whether the matches that do not agree with the geometry are left out
 */
export function hlocMatches(
  { left, right, matches, distances, inliers }: MatchedPair,
  onlyInliers: boolean,
): Record<string, Hdf5Dataset> {
  const isShort = right.count <= mostShort + 1;
  const partners =
    (isShort ? new Int16Array(left.count) : new Int32Array(left.count)).fill(
      -1,
    );
  const scores = new Float32Array(left.count);
  const numbers = onlyInliers
    ? inliers
    : Uint32Array.from(distances, (_, number) => number);
  const chosen = chosenMatches(matches, numbers);
  numbers.forEach((number, index) => {
    const keypoint = chosen[2 * index];
    partners[keypoint] = chosen[2 * index + 1];
    scores[keypoint] = 1 - distances[number] ** 2 / 4;
  });
  return {
    matches0: { shape: [left.count], data: partners },
    matching_scores0: { shape: [left.count], data: scores },
  };
}
