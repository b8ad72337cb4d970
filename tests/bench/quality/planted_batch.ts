import type { PatchBatch } from "../../../data/patches/batch_sampler.ts";

/** Numbers of the patches that have each label, labels ascending: a batch's `setIds` are places in this list. */
export function patchesByLabel(labels: Uint32Array): number[][] {
  const byLabel = Map.groupBy(labels.keys(), (patch) => labels[patch]);
  return [...byLabel].sort(([a], [b]) => a - b).map(([, members]) => members);
}

/**
 * A batch with wrong negatives: each of its last `splitKeypoints` classes is replaced by further views of a keypoint that one of its
 * first classes shows already, so that these two are of the same place under two labels. A replaced class keeps its rows, and has the
 * set of its twin: both are transposed and flipped alike, otherwise a mirrored view would be no wrong negative. All other rows stay.
 *
 * @param patchesOfSet as {@linkcode patchesByLabel} lists them
 * @param splitKeypoints a whole number, 0 … half of the classes
 * @throws {RangeError} when they cannot be split among the classes, or one of them has too few further views
 */
export function plantTwins(
  { patchIndices, labels, setIds }: PatchBatch,
  patchesOfSet: readonly (readonly number[])[],
  splitKeypoints: number,
): PatchBatch {
  const classes = labels[labels.length - 1] + 1;
  if (!Number.isInteger(splitKeypoints) || 2 * splitKeypoints > classes) {
    throw new RangeError(
      `${splitKeypoints} keypoints cannot be split among ${classes} classes`,
    );
  }
  const planted = {
    patchIndices: patchIndices.slice(),
    labels: labels.slice(),
    setIds: setIds.slice(),
  };
  const rowsOf = (class_: number): [start: number, end: number] => [
    labels.indexOf(class_),
    labels.lastIndexOf(class_) + 1,
  ];
  for (let number = 0; number < splitKeypoints; number++) {
    const [start, end] = rowsOf(number);
    const set = setIds[start];
    const taken = patchIndices.subarray(start, end);
    const further = patchesOfSet[set].filter((patch) => !taken.includes(patch));
    const [from, to] = rowsOf(classes - splitKeypoints + number);
    if (further.length < to - from) {
      throw new RangeError(
        `a keypoint has ${further.length} further views, and ${
          to - from
        } are wanted`,
      );
    }
    planted.patchIndices.set(further.slice(0, to - from), from);
    planted.setIds.fill(set, from, to);
  }
  return planted;
}
