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

/**
 * What is measured on pairs of whole images, in the order of output: mean matching accuracy within so many pixels, recall within 3,
 * and the areas under the share of pairs over their corner error in pixels; the same over the pose error in degrees, and its mean
 * average accuracy.
 */
export const imagePairFigureNames = [
  "mma_1",
  "mma_2",
  "mma_3",
  "mma_4",
  "mma_5",
  "mma_6",
  "mma_7",
  "mma_8",
  "mma_9",
  "mma_10",
  "recall_3",
  "corner_auc_1",
  "corner_auc_3",
  "corner_auc_5",
  "pose_auc_5",
  "pose_auc_10",
  "pose_auc_20",
  "pose_maa_10",
] as const;

/** Name of a figure of image pairs. */
export type ImagePairFigure = typeof imagePairFigureNames[number];

/** Everything that is measured on descriptors: pairs of PhotoTour's kind, the HPatches tasks, pairs of whole images. */
export const taskNames = [
  "phototour",
  ...hpatchesTaskNames,
  "image_pairs",
] as const;

/**
 * Name of a task.
 * @internal
 */
export type TaskName = typeof taskNames[number];

/** The figures that were published of trained networks, and that a config may expect of its own. */
export const expectedMeasureNames = [
  "fpr95",
  ...hpatchesTaskNames,
  ...imagePairFigureNames,
] as const;

/** Name of a figure that can be expected. */
export type ExpectedMeasure = typeof expectedMeasureNames[number];
