import {
  type ImagePairFigure,
  imagePairFigureNames,
} from "../../config/task_names.ts";
import {
  areasUnderCurve,
  meanAverageAccuracy,
} from "../../metrics/image_pairs.ts";
import {
  accuracyPixels,
  type HomographyOutcome,
  type PairOutcome,
  type PoseOutcome,
} from "./pair_outcome.ts";

/** How a figure follows from the pairs; NaN where none has what it needs. */
type Figure<Outcome> = (outcomes: readonly Outcome[]) => number;

/** A figure and the kind of pairs that it is for. */
type KindFigure =
  | { kind: "homography"; figure: Figure<HomographyOutcome> }
  | { kind: "pose"; figure: Figure<PoseOutcome> };

const figures: Record<ImagePairFigure, KindFigure> = {
  mma_1: matchingAccuracy(1),
  mma_2: matchingAccuracy(2),
  mma_3: matchingAccuracy(3),
  mma_4: matchingAccuracy(4),
  mma_5: matchingAccuracy(5),
  mma_6: matchingAccuracy(6),
  mma_7: matchingAccuracy(7),
  mma_8: matchingAccuracy(8),
  mma_9: matchingAccuracy(9),
  mma_10: matchingAccuracy(10),
  recall_3: {
    kind: "homography",
    figure: (outcomes) =>
      mean(
        outcomes.map(({ recall }) => recall)
          .filter((recall) => !Number.isNaN(recall)),
      ),
  },
  corner_auc_1: cornerArea(1),
  corner_auc_3: cornerArea(3),
  corner_auc_5: cornerArea(5),
  pose_auc_5: poseArea(5),
  pose_auc_10: poseArea(10),
  pose_auc_20: poseArea(20),
  pose_maa_10: {
    kind: "pose",
    figure: (outcomes) => meanAverageAccuracy(poseErrors(outcomes), 10),
  },
};

/** The mean over the pairs of the share of matches that are within so many pixels. */
function matchingAccuracy(pixels: typeof accuracyPixels[number]): KindFigure {
  const at = accuracyPixels.indexOf(pixels);
  return {
    kind: "homography",
    figure: (outcomes) =>
      mean(outcomes.map(({ accuracies }) => accuracies[at])),
  };
}

function cornerArea(pixels: number): KindFigure {
  return {
    kind: "homography",
    figure: (outcomes) =>
      areasUnderCurve(
        outcomes.map(({ cornerErrorPixels }) => cornerErrorPixels),
        [pixels],
      )[0],
  };
}

function poseArea(degrees: number): KindFigure {
  return {
    kind: "pose",
    figure: (outcomes) => areasUnderCurve(poseErrors(outcomes), [degrees])[0],
  };
}

function poseErrors(outcomes: readonly PoseOutcome[]): number[] {
  return outcomes.map(({ poseErrorDegrees }) => poseErrorDegrees);
}

/** Every figure that pairs of this kind have. NaN where no pair has what it needs. */
export function pairFigures(
  outcomes: readonly PairOutcome[],
): [name: ImagePairFigure, value: number][] {
  const homographies = outcomes.filter((one) => one.kind === "homography");
  const poses = outcomes.filter((one) => one.kind === "pose");
  return imagePairFigureNames.flatMap((name) => {
    const { kind, figure } = figures[name];
    if (kind === "homography") {
      return homographies.length === 0 ? [] : [[name, figure(homographies)]];
    }
    return poses.length === 0 ? [] : [[name, figure(poses)]];
  });
}

/** The mean; NaN of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
