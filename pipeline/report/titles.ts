import type {
  ExpectedMeasure,
  ImagePairFigure,
  PairMeasure,
} from "../config/task_names.ts";

/** How tables call a measure on pairs, and which way it gets better. */
export interface MeasureTitle {
  title: string;
  better: "smaller" | "larger";
}

/** How tables call the measures on pairs. */
export const pairMeasureTitles: Record<PairMeasure, MeasureTitle> = {
  fpr95: { title: "FPR95", better: "smaller" },
  ap: { title: "AP", better: "larger" },
  auc: { title: "ROC area", better: "larger" },
};

/** How tables call the figures of image pairs; of all of them larger is better. */
export const imagePairTitles: Record<ImagePairFigure, string> = {
  mma_1: "MMA 1 px",
  mma_2: "MMA 2 px",
  mma_3: "MMA 3 px",
  mma_4: "MMA 4 px",
  mma_5: "MMA 5 px",
  mma_6: "MMA 6 px",
  mma_7: "MMA 7 px",
  mma_8: "MMA 8 px",
  mma_9: "MMA 9 px",
  mma_10: "MMA 10 px",
  recall_3: "recall 3 px",
  corner_auc_1: "corner AUC 1 px",
  corner_auc_3: "corner AUC 3 px",
  corner_auc_5: "corner AUC 5 px",
  pose_auc_5: "pose AUC 5°",
  pose_auc_10: "pose AUC 10°",
  pose_auc_20: "pose AUC 20°",
  pose_maa_10: "pose mAA 10°",
};

/** The figures of image pairs that stand for all of them where room is short. */
export const imagePairHeadlines: readonly ImagePairFigure[] = [
  "mma_3",
  "corner_auc_3",
  "pose_maa_10",
];

/** How tables call a figure that can be expected. Tasks have mean average precisions, which are called by the task. */
export function expectedTitle(measure: ExpectedMeasure): MeasureTitle {
  if (measure in pairMeasureTitles) {
    return pairMeasureTitles[measure as PairMeasure];
  }
  const title = measure in imagePairTitles
    ? imagePairTitles[measure as ImagePairFigure]
    : measure;
  return { title, better: "larger" };
}

/** The title with the arrow that says which way it gets better. */
export function withArrow({ title, better }: MeasureTitle): string {
  return `${title} ${better === "smaller" ? "↓" : "↑"}`;
}
