import type * as v from "valibot";
import type { HpatchesTask } from "../config/task_names.ts";
import type { Figure } from "../metrics/figure.ts";
import type * as schema from "./measures_schema.ts";

/** Figures of one PhotoTour set: false positive rate at 95 % recall (smaller = better), step-wise average precision, ROC area. */
export type PhototourMeasures = v.InferOutput<typeof schema.pairMeasures>;

/** Figures of one descriptor on one split; a task that was not asked for is absent. */
export type HpatchesMeasures = v.InferOutput<typeof schema.hpatchesMeasures>;

/** Figures of one task; never when the schema does not know the task. */
export type TaskMeasures<Task extends HpatchesTask> = Task extends
  keyof HpatchesMeasures ? NonNullable<HpatchesMeasures[Task]> : never;

/** Verification: area under ROC of the balanced, average precision of the imbalanced protocol. */
export type VerificationMeasures = TaskMeasures<"verification">;

/** Matching: mean average precision over sequences and images, and the mean of the three noise levels. */
export type MatchingMeasures = TaskMeasures<"matching">;

/** Retrieval: mean average precision over queries by pool size, and the mean of the three noise levels. */
export type RetrievalMeasures = TaskMeasures<"retrieval">;

/** Figures of one method on one split with intervals. Two methods with equal seed and sequences had equal draws. */
export type BootstrapResult = v.InferOutput<typeof schema.bootstrapResult>;

/** A figure, the 2.5 % and 97.5 % quantiles of its replicates, and these; null where the drawn sequences hold nothing that it needs. */
export type BootstrapFigure = BootstrapResult["figures"][string];

/** How many times to draw, and by which seed. */
export type BootstrapOptions = Pick<BootstrapResult, "replicates" | "seed">;

/** Figures of one descriptor on a set of image pairs, as fractions, with the ratio test and how many matches it left. */
export type ImagePairMeasures = v.InferOutput<typeof schema.imagePairMeasures>;

/**
 * All figures of a run, as fractions: what `measures.json` holds. PhotoTour-style figures are told by test set, then descriptor, those of
 * HPatches by split, then descriptor, those of image pairs by set, then descriptor.
 */
export type Measures = v.InferOutput<typeof schema.measures>;

/** A range of at least this much over the ways of breaking ties is worth a warning: it shows in a table. */
const tieTolerance = 5e-4;

/** Collects figures of one task and remembers the one that ties decide most. */
export class TieWatch {
  #widest: { name: string; figure: Figure } | undefined;

  /** The figure's value, with its range noted under `name`. */
  value(name: string, figure: Figure): number {
    const range = figure.high - figure.low;
    const widest = this.#widest;
    if (
      range >= tieTolerance &&
      (widest === undefined || range > widest.figure.high - widest.figure.low)
    ) this.#widest = { name, figure };
    return figure.value;
  }

  /** A warning about the figure with the widest range, or nothing when no figure depends on ties. */
  warnings(subject: string): string[] {
    if (this.#widest === undefined) return [];
    const { name, figure } = this.#widest;
    return [
      `ties between equal distances decide ${subject}: ${name} is ${
        figure.value.toFixed(4)
      } in the benchmark's order, ${figure.low.toFixed(4)} to ${
        figure.high.toFixed(4)
      } in others`,
    ];
  }
}
