import {
  type SeparationCurves,
  separationCurves,
} from "../metrics/separation_curves.ts";
import { imbalancedCount } from "../metrics/verification.ts";
import type { NegativeKind, Noise } from "./benchmark.ts";
import type { TaskObserver, VerificationLists } from "./observer.ts";

/** Curves of one descriptor's verification: ROC of the balanced, precision and recall of the imbalanced protocol. */
export type VerificationCurves = Record<
  Noise,
  Record<NegativeKind, SeparationCurves>
>;

/** The curves of a run: what `curves.json` holds. */
export interface Curves {
  /** by test set, then descriptor */
  phototour: Record<string, Record<string, SeparationCurves>>;
  /** by split, then descriptor */
  hpatches: Record<string, Record<string, VerificationCurves>>;
}

/** Draws the curves of a verification while its distances are there. */
export class CurveObserver implements TaskObserver {
  readonly curves = {
    easy: {},
    hard: {},
    tough: {},
  } as VerificationCurves;

  onVerification(
    { noise, kind, matching, nonMatching }: VerificationLists,
  ): Promise<void> {
    const kept = imbalancedCount(matching.distances.length);
    // A list this short has no imbalanced figure either.
    if (kept > 0 && nonMatching.distances.length > 0) {
      const { roc } = separationCurves(
        matching.distances,
        nonMatching.distances,
      );
      const { precisionRecall } = separationCurves(
        matching.distances.subarray(0, kept),
        nonMatching.distances,
      );
      this.curves[noise][kind] = { roc, precisionRecall };
    }
    return Promise.resolve();
  }
}
