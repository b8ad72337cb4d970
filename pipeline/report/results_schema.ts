import * as v from "valibot";
import { expectedMeasureNames } from "../config/task_names.ts";
import {
  bootstrapResult,
  hpatchesMeasures,
  imagePairMeasures,
  measures,
} from "../evaluation/measures_schema.ts";

// The shapes of the files that hold results. Types and readers follow from them.

/** What a run's `results.json` holds, all figures as fractions; of the config it describes the name alone. */
export const runResults = v.object({
  config: v.looseObject({ name: v.string() }),
  ...measures.entries,
  expect: v.array(v.object({
    measure: v.picklist(expectedMeasureNames),
    /** a PhotoTour test set for `fpr95`, a split of HPatches for a task, a set of image pairs for the others */
    on: v.string(),
    /** the published figure */
    value: v.number(),
    /** how much worse the trained network may be */
    tolerance: v.number(),
    /** null when it was not measured */
    ours: v.nullable(v.number()),
    /** ours − value; null when it was not measured */
    difference: v.nullable(v.number()),
    /** "not measured" when the config leaves out the test set, the split or the task */
    verdict: v.picklist(["met", "better", "missed", "not measured"]),
  })),
  stages: v.record(
    v.string(),
    v.object({
      /** the stage key, hexadecimal */
      key: v.string(),
      /** nothing had to run */
      fresh: v.boolean(),
      /** what running it took; for a fresh stage what it took when it ran */
      seconds: v.number(),
    }),
  ),
  /** what the networks ran on; empty when no stage used a GPU */
  adapter: v.record(v.string(), v.unknown()),
});

/** What a run's `results.json` holds. */
export type RunResults = v.InferOutput<typeof runResults>;

/** The figures of one method in the file that the command `evaluate` writes. */
export const methodResults = v.object({
  splits: v.record(v.string(), hpatchesMeasures),
  bootstrap: v.exactOptional(v.record(v.string(), bootstrapResult)),
});

/** The figures of image pairs in the file that the command `evaluate --image-pairs` writes: by set, then descriptor. */
export const pairResults = v.object({
  image_pairs: v.record(
    v.string(),
    v.record(v.string(), imagePairMeasures),
  ),
});
