import type {
  HomographyTruth,
  ImagePair,
  PairTruth,
  PoseTruth,
} from "../../../data/mod.ts";
import {
  choosePairs,
  estimateEssential,
  estimateHomography,
  type Keypoint,
  matchDescriptors,
  type Matches,
  type PointPairs,
  relativePose,
} from "../../../features/mod.ts";
import type { DescribedPairImage } from "../../descriptors/pair_image_file.ts";
import {
  cornerErrorPixels,
  possibleMatches,
  sharesWithin,
  transferErrors,
} from "../../metrics/image_pairs.ts";
import { epipolarDistances } from "../../metrics/epipolar_distance.ts";
import { poseErrorDegrees } from "../../metrics/pose_error.ts";

/** Errors up to which matches count as right for mean matching accuracy, in pixels. */
export const accuracyPixels = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const;

/** Error up to which a match counts as right for recall, and when ratios are chosen, in pixels. */
export const rightPixels = 3;

/** What a pair's matches come to where a homography is known. */
export interface HomographyOutcome {
  kind: "homography";
  sequence: string;
  matches: number;
  estimated: boolean;
  /** share of the matches that lie within each of {@linkcode accuracyPixels}; 0 without matches */
  accuracies: number[];
  /** share of the possible matches that are right within 3 pixels; NaN where none is possible */
  recall: number;
  /** mean error of the corners under the estimated homography; Infinity where there is none */
  cornerErrorPixels: number;
}

/** What a pair's matches come to where a pose is known. */
export interface PoseOutcome {
  kind: "pose";
  sequence: string;
  matches: number;
  estimated: boolean;
  /** the larger of the angles of rotation and translation; Infinity where there is none */
  poseErrorDegrees: number;
}

/** What a pair's matches come to. */
export type PairOutcome = HomographyOutcome | PoseOutcome;

/** Matches of two images with the places that they join. */
export interface PairMatches {
  matches: Matches;
  points: PointPairs;
}

/** Mutual nearest neighbours of one descriptor that pass the ratio test. */
export function matchPair(
  left: DescribedPairImage,
  right: DescribedPairImage,
  descriptor: string,
  ratio: number,
): PairMatches {
  const rows = left.descriptors.get(descriptor)!;
  const others = right.descriptors.get(descriptor)!;
  const matches = matchDescriptors(
    Float32Array.from(rows.values),
    Float32Array.from(others.values),
    rows.dimension,
    { ratio },
  );
  return {
    matches,
    points: {
      left: chosen(placesOf(left.keypoints), matches.left),
      right: chosen(placesOf(right.keypoints), matches.right),
    },
  };
}

/**
 * Holds matches against what is known of their pair. Homographies are estimated as `match` does, poses with the pair's intrinsics, by
 * the defaults of `features/`.
 */
export function outcomeOf(
  { sequence, truth }: ImagePair,
  left: DescribedPairImage,
  right: DescribedPairImage,
  { points }: PairMatches,
): PairOutcome {
  const common = { sequence, matches: points.left.length / 2 };
  if (truth.kind === "pose") {
    return { ...common, ...poseOutcome(truth, points) };
  }
  const errors = transferErrors(truth.matrix, points.left, points.right);
  const right3 = errors.filter((error) => error <= rightPixels).length;
  const possible = possibleMatches(
    truth.matrix,
    placesOf(left.keypoints),
    placesOf(right.keypoints),
    rightPixels,
  );
  return {
    ...common,
    ...homographyOutcome(truth, points, left),
    accuracies: sharesWithin(errors, accuracyPixels),
    recall: right3 / possible,
  };
}

/** Which matches lie within 3 pixels of where the truth takes their left place, or, where a pose is known, of its epipolar line. */
export function rightMatches(truth: PairTruth, points: PointPairs): boolean[] {
  const errors = truth.kind === "homography"
    ? transferErrors(truth.matrix, points.left, points.right)
    : epipolarDistances(truth, points);
  return Array.from(errors, (error) => error <= rightPixels);
}

function homographyOutcome(
  { matrix }: HomographyTruth,
  points: PointPairs,
  { width, height }: DescribedPairImage,
) {
  const kind = "homography" as const;
  const found = estimateHomography(points);
  if (!found.found) {
    return { kind, estimated: false, cornerErrorPixels: Infinity };
  }
  return {
    kind,
    estimated: true,
    cornerErrorPixels: cornerErrorPixels(found.matrix, matrix, width, height),
  };
}

function poseOutcome(truth: PoseTruth, points: PointPairs) {
  const kind = "pose" as const;
  const { leftIntrinsics, rightIntrinsics } = truth;
  const found = estimateEssential(points, leftIntrinsics, rightIntrinsics);
  const pose = found.found
    ? relativePose(
      found.matrix,
      leftIntrinsics,
      rightIntrinsics,
      choosePairs(points, found.inliers),
    )
    : undefined;
  return pose === undefined
    ? { kind, estimated: false, poseErrorDegrees: Infinity }
    : {
      kind,
      estimated: true,
      poseErrorDegrees: poseErrorDegrees(pose, truth),
    };
}

/** [keypoints, 2] x and y. */
function placesOf(keypoints: readonly Keypoint[]): Float64Array {
  return Float64Array.from(keypoints.flatMap(({ x, y }) => [x, y]));
}

/** [numbers, 2] the points of these numbers. */
function chosen(points: Float64Array, numbers: Uint32Array): Float64Array {
  return Float64Array.from(
    { length: 2 * numbers.length },
    (_, at) => points[2 * numbers[at >> 1] + at % 2],
  );
}
