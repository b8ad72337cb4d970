import type { PairMeasure } from "../config/task_names.ts";

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

/** The title with the arrow that says which way it gets better. */
export function withArrow({ title, better }: MeasureTitle): string {
  return `${title} ${better === "smaller" ? "↓" : "↑"}`;
}
