import type { Figure } from "../metrics/figure.ts";

/** Noise levels of the HPatches patches, by the letter their types start with. */
export const noises = { easy: "e", hard: "h", tough: "t" } as const;

/** A noise level. */
export type Noise = keyof typeof noises;

/** The noise levels from little to much. */
export const noiseNames = Object.keys(noises) as Noise[];

/** Kinds of non-matching pairs: of other sequences, of the same sequence. */
export const negativeKinds = ["inter", "intra"] as const;

/** A kind of non-matching pairs. */
export type NegativeKind = typeof negativeKinds[number];

/** A task of the HPatches benchmark. */
export type HpatchesTask = "verification" | "matching" | "retrieval";

/** Figures of one PhotoTour set: false positive rate at 95 % recall (smaller = better), step-wise average precision, ROC area. */
export interface PhototourMeasures {
  fpr95: number;
  ap: number;
  auc: number;
}

/** Verification: area under ROC of the balanced, average precision of the imbalanced protocol. */
export type VerificationMeasures = Record<
  Noise,
  Record<NegativeKind, { auc: number; ap: number }>
>;

/** Matching: mean average precision over sequences and images, and the mean of the three noise levels. */
export type MatchingMeasures = Record<Noise | "mean", number>;

/** Retrieval: mean average precision over queries by pool size, and the mean of the three noise levels. */
export type RetrievalMeasures = Record<Noise | "mean", Record<string, number>>;

/** Figures of one descriptor on one split; a task that was not asked for is absent. */
export interface HpatchesMeasures {
  verification?: VerificationMeasures;
  matching?: MatchingMeasures;
  retrieval?: RetrievalMeasures;
}

/** How many times to draw, and by which seed. */
export interface BootstrapOptions {
  replicates: number;
  seed: number;
}

/** A figure with its interval. */
export interface BootstrapFigure {
  value: number;
  /** the 2.5 % and 97.5 % quantiles of the replicates; null when there is none */
  low: number | null;
  high: number | null;
  /** [replicates]; null where the drawn sequences hold no query or pair that the figure needs */
  replicates: (number | null)[];
}

/** Figures of one method on one split with intervals. Two methods with equal seed and sequences had equal draws. */
export interface BootstrapResult extends BootstrapOptions {
  sequences: string[];
  /** by dotted name, as `figureList` has them */
  figures: Record<string, BootstrapFigure>;
}

/** All figures of a run, as fractions: what `measures.json` holds. */
export interface Measures {
  /** by test set, then descriptor */
  phototour: Record<string, Record<string, PhototourMeasures>>;
  /** by split, then descriptor */
  hpatches: Record<string, Record<string, HpatchesMeasures>>;
  /** by test set: pairs that its figures are of */
  pairs: Record<string, number>;
  /** by split: test sequences that its figures are of */
  sequences: Record<string, string[]>;
  /** by split, then descriptor; absent when no intervals were asked for */
  bootstrap?: Record<string, Record<string, BootstrapResult>>;
  /** one line for each figure that ties decide */
  warnings: string[];
}

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
