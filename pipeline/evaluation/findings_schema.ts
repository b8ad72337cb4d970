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

/** An image as it is drawn. */
const drawnImage = v.object({
  /** pixels */
  width: v.number(),
  /** pixels */
  height: v.number(),
  /** in base64 */
  png: v.string(),
});

/** A pair of images with the matches of some descriptors. */
export const shownPair = v.object({
  /** name of the set */
  set: v.string(),
  sequence: v.string(),
  left: drawnImage,
  right: drawnImage,
  /**
   * by descriptor: x and y in the left and in the right image, in pixels of the drawn ones from their top left corner, and whether
   * the match is right
   */
  matches: named(
    v.array(
      v.tuple([v.number(), v.number(), v.number(), v.number(), v.boolean()]),
    ),
  ),
});

/** What the stage evaluate writes: a file each, `measures.json`, `curves.json`, `mistakes.json`, `shown_pairs.json`. */
export const findings = v.object({
  measures,
  curves,
  mistakes,
  shown_pairs: v.array(shownPair),
});

/** What the stage evaluate writes. */
export type Findings = v.InferOutput<typeof findings>;
