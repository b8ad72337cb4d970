// A name that is added here has to be measured, drawn and put into tables: the compiler says where.

/** What is measured on the pairs of a PhotoTour-style test set, in the order of output. */
export const pairMeasureNames = ["fpr95", "ap", "auc"] as const;

/** Name of a measure on pairs. */
export type PairMeasure = typeof pairMeasureNames[number];

/** The tasks of the HPatches benchmark, in the order of output. */
export const hpatchesTaskNames = [
  "verification",
  "matching",
  "retrieval",
] as const;

/** Name of a task of the HPatches benchmark. */
export type HpatchesTask = typeof hpatchesTaskNames[number];

/** Everything that is measured on descriptors: pairs of PhotoTour's kind, and the HPatches tasks. */
export const taskNames = ["phototour", ...hpatchesTaskNames] as const;

/**
 * Name of a task.
 * @internal
 */
export type TaskName = typeof taskNames[number];

/** The figures that were published of trained networks, and that a config may expect of its own. */
export const expectedMeasureNames = ["fpr95", ...hpatchesTaskNames] as const;

/** Name of a figure that can be expected. */
export type ExpectedMeasure = typeof expectedMeasureNames[number];
