import { eventRecord, type TrainingEvent } from "../../data/mod.ts";

/** A line of `metrics.jsonl`, as `metrics.ts` writes it. */
export type MetricsRecord =
  | {
    kind: "step";
    step: number;
    levelHistogram?: number[];
    weightHistogram?: number[];
    /** figures of {@linkcode stepCurves} and others */
    [figure: string]: unknown;
  }
  | { kind: "test"; step: number; fpr95: Record<string, number> };

/** Figures of a step's record that become curves, and the curves' names. */
const stepCurves: Readonly<Record<string, string>> = {
  loss: "loss",
  meanPositive: "distance/a_mean",
  meanNegative: "distance/b_mean",
  medianPositive: "distance/a_median",
  medianNegative: "distance/b_median",
  zeroPosition: "distance/zero_position",
  zeroWeightShare: "weight/zero_share",
  learningRate: "optimizer/learning_rate",
  momentum: "optimizer/momentum",
};

/** A record of `metrics.jsonl` as a record of a TensorBoard event file. */
export function eventOf(record: MetricsRecord): Uint8Array<ArrayBuffer> {
  const scalars: Record<string, number> = {};
  const histograms: Record<string, TrainingEvent["histograms"][string]> = {};
  if (record.kind === "test") {
    for (const [name, value] of Object.entries(record.fpr95)) {
      scalars[`fpr95/${name}`] = value;
    }
  } else {
    for (const [figure, curve] of Object.entries(stepCurves)) {
      const value = record[figure];
      if (typeof value === "number") scalars[curve] = value;
    }
    const { levelHistogram, weightHistogram } = record;
    if (levelHistogram !== undefined) {
      const range = { low: -2, high: 2 };
      histograms["weight/level"] = { ...range, counts: levelHistogram };
    }
    if (weightHistogram !== undefined) {
      const range = { low: 0, high: 1 };
      histograms["weight/W"] = { ...range, counts: weightHistogram };
    }
  }
  return eventRecord({ step: record.step, scalars, histograms });
}
