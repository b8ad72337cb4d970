import type * as v from "valibot";
import { separationCurves } from "../metrics/separation_curves.ts";
import { imbalancedCount } from "../metrics/verification.ts";
import type * as schema from "./findings_schema.ts";
import type { TaskObserver, VerificationLists } from "./observer.ts";

/** Curves of one descriptor's verification: ROC of the balanced, precision and recall of the imbalanced protocol. */
export type VerificationCurves = v.InferOutput<
  typeof schema.verificationCurves
>;

/** Draws the curves of a verification while its distances are there. */
export class CurveObserver implements TaskObserver {
  readonly curves: VerificationCurves = { easy: {}, hard: {}, tough: {} };

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
