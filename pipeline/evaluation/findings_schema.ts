import * as v from "valibot";
import { negativeKinds, noiseNames } from "./benchmark.ts";
import { each, eachOrNone, measures, named } from "./measures_schema.ts";

// The shapes of the files that the report is drawn from. Types and readers follow from them.

const line = v.object({ x: v.array(v.number()), y: v.array(v.number()) });

/** ROC, and precision over recall. */
const separationCurves = v.object({ roc: line, precisionRecall: line });

/** Curves of one descriptor's verification: ROC of the balanced, precision and recall of the imbalanced protocol; none of a list too short. */
export const verificationCurves = each(
  noiseNames,
  eachOrNone(negativeKinds, separationCurves),
);

/** The curves of a run, by test set or split, then descriptor. */
export const curves = v.object({
  phototour: named(named(separationCurves)),
  hpatches: named(named(verificationCurves)),
});

/** A reference patch whose nearest neighbour is another patch. */
export const mistake = v.object({
  sequence: v.string(),
  noise: v.picklist(noiseNames),
  /** 1 … 5 */
  image: v.number(),
  /** index of the reference patch, and of the right one in the image */
  patch: v.number(),
  /** index of the patch that was taken */
  taken: v.number(),
  /** distance to the right and to the taken patch */
  rightDistance: v.number(),
  takenDistance: v.number(),
});

/** A mistake with its three patches, each a PNG in base64. */
export const picturedMistake = v.object({
  ...mistake.entries,
  images: each(["query", "taken", "right"], v.string()),
});

/** The hardest mistakes of a run, by split, then descriptor. */
export const mistakes = named(named(v.array(picturedMistake)));

/** What the stage evaluate writes: a file each, `measures.json`, `curves.json`, `mistakes.json`. */
export const findings = v.object({ measures, curves, mistakes });

/** What the stage evaluate writes. */
export type Findings = v.InferOutput<typeof findings>;
