import * as v from "valibot";
import {
  type HpatchesTask,
  imagePairFigureNames,
  pairMeasureNames,
} from "../config/task_names.ts";
import { negativeKinds, noiseNames } from "./benchmark.ts";

// The shapes of what is measured. Types and readers follow from them.

const figure = v.number();

/** An object with one member of the same shape under each name. */
export function each<const Name extends string, Schema extends v.GenericSchema>(
  names: readonly Name[],
  schema: Schema,
): v.ObjectSchema<Record<Name, Schema>, undefined> {
  const entries = names.map((name) => [name, schema]);
  return v.object(Object.fromEntries(entries) as Record<Name, Schema>);
}

/** An object with such a member under some of the names. */
export function eachOrNone<
  const Name extends string,
  Schema extends v.GenericSchema,
>(names: readonly Name[], schema: Schema) {
  return whereMeasured(each(names, schema).entries);
}

/** Something under each of any names. */
export function named<Schema extends v.GenericSchema>(schema: Schema) {
  return v.record(v.string(), schema);
}

/** An object whose members may be absent. */
function whereMeasured<const Schemas extends Record<string, v.GenericSchema>>(
  schemas: Schemas,
): v.ObjectSchema<
  {
    [Name in keyof Schemas]: v.ExactOptionalSchema<Schemas[Name], undefined>;
  },
  undefined
> {
  const entries = Object.entries(schemas).map(([name, schema]) =>
    [name, v.exactOptional(schema)] as const
  );
  return v.object(Object.fromEntries(entries)) as never; // by name what the type says
}

const levels = [...noiseNames, "mean"] as const;

/** Figures of one PhotoTour set: false positive rate at 95 % recall (smaller = better), step-wise average precision, ROC area. */
export const pairMeasures = each(pairMeasureNames, figure);

const tasks = {
  /** Area under ROC of the balanced, average precision of the imbalanced protocol. */
  verification: each(
    noiseNames,
    each(negativeKinds, each(["auc", "ap"], figure)),
  ),
  /** Mean average precision over sequences and images, and the mean of the three noise levels. */
  matching: each(levels, figure),
  /** Mean average precision over queries by pool size, and the mean of the three noise levels. */
  retrieval: each(levels, named(figure)),
} satisfies Record<HpatchesTask, v.GenericSchema>;

/** Figures of one descriptor on one split of HPatches; a task that was not asked for is absent. */
export const hpatchesMeasures = whereMeasured(tasks);

/** Figures of one method on one split with intervals. */
export const bootstrapResult = v.object({
  replicates: v.number(),
  seed: v.number(),
  sequences: v.array(v.string()),
  figures: named(v.object({
    value: figure,
    low: v.nullable(figure),
    high: v.nullable(figure),
    replicates: v.array(v.nullable(figure)),
  })),
});

/** Figures of one descriptor on a set of image pairs. */
export const imagePairMeasures = v.object({
  /** largest ratio of distances at which a match was kept */
  ratio: v.number(),
  /** whether that ratio was chosen on validation pairs */
  tuned: v.boolean(),
  pairs: v.number(),
  /** mean over the pairs */
  matches: v.number(),
  /** share of the pairs that gave a homography or a pose */
  estimated: figure,
  /** null where no pair has what the figure needs */
  figures: v.record(v.picklist(imagePairFigureNames), v.nullable(figure)),
  bootstrap: v.exactOptional(bootstrapResult),
});

/** All figures of a run. */
export const measures = v.object({
  phototour: named(named(pairMeasures)),
  hpatches: named(named(hpatchesMeasures)),
  image_pairs: v.exactOptional(named(named(imagePairMeasures))),
  pairs: named(v.number()),
  sequences: named(v.array(v.string())),
  bootstrap: v.exactOptional(named(named(bootstrapResult))),
  warnings: v.array(v.string()),
});
