import { toHloc } from "../../features/conventions/hloc.ts";
import {
  chosenMatches,
  type DescribedPhotograph,
  type MatchedPair,
  toldMatches,
} from "./described_photograph.ts";
import type { Hdf5Dataset } from "./hdf5_file.ts";
import { keypointsOf } from "./keypoint_rows.ts";
import { asStored } from "./stored_picture.ts";

/**
 * A photograph as hloc's files of features have it, in the group of its name: `keypoints` [count, 2] (pixels from the centre of the first),
 * `descriptors` [dimension, count], `scores`, `scales` (sigma, pixels) and `oris` (degrees, clockwise) [count], `image_size` (width, height);
 * all of the picture as the file stores it, as hloc and COLMAP, who takes them from there, read it.
 */
export function hlocFeatures(
  upright: DescribedPhotograph,
): Record<string, Hdf5Dataset> {
  const photograph = asStored(upright);
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

/** A photograph's name in the names of pairs in hloc's files of matches: no folders, whose separator stands between the two. */
export function hlocName(name: string): string {
  return name.replaceAll("/", "-");
}

/** Keypoints up to this number are told in 16 bits, as hloc does. */
const mostShort = 2 ** 15 - 1;

/**
 * A pair as hloc's files of matches have it: `matches0` [left keypoints], the number of the right keypoint or −1, and `matching_scores0`,
 * max(0, 1 − d²/4) of their distance d, which is (1 + cosine)/2 of descriptors of length 1; 0 where there is no match.
 *
 * @param onlyInliers whether the matches that the geometry refutes are left out
 */
export function hlocMatches(
  pair: MatchedPair,
  onlyInliers: boolean,
): Record<string, Hdf5Dataset> {
  const { left, right, matches, distances } = pair;
  const isShort = right.count <= mostShort + 1;
  const partners =
    (isShort ? new Int16Array(left.count) : new Int32Array(left.count)).fill(
      -1,
    );
  const scores = new Float32Array(left.count);
  const numbers = toldMatches(pair, onlyInliers);
  const chosen = chosenMatches(matches, numbers);
  numbers.forEach((number, index) => {
    const keypoint = chosen[2 * index];
    partners[keypoint] = chosen[2 * index + 1];
    scores[keypoint] = Math.max(0, 1 - distances[number] ** 2 / 4);
  });
  return {
    matches0: { shape: [left.count], data: partners },
    matching_scores0: { shape: [left.count], data: scores },
  };
}
