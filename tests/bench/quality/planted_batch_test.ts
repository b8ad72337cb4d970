import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { BatchSampler } from "../../../data/patches/batch_sampler.ts";
import { patchesByLabel, plantTwins } from "./planted_batch.ts";

/** Twenty keypoints of six views; views of one do not stand next to each other, and no label is its own place. */
const labels = Uint32Array.from({ length: 120 }, (_, i) => 7 + 3 * (i % 20));
const patchesOfSet = patchesByLabel(labels);

function drawn(step: number) {
  const options = { seed: 5, batchSize: 8, positives: 3 };
  return new BatchSampler(labels, options).batch(0, step);
}

describe("patchesByLabel", () => {
  it("lists a set's patches where the sampler's set ids point", () => {
    assert.equal(patchesOfSet.length, 20);
    const { patchIndices, setIds } = drawn(0);
    patchIndices.forEach((patch, row) =>
      assert.ok(patchesOfSet[setIds[row]].includes(patch))
    );
    assert.deepEqual(
      patchesByLabel(Uint32Array.of(9, 2, 9, 4)),
      [[1], [3], [0, 2]],
    );
  });
});

describe("plantTwins", () => {
  it("leaves a batch without twins as the sampler draws it", () => {
    assert.deepEqual(plantTwins(drawn(3), patchesOfSet, 0), drawn(3));
  });

  for (const splitKeypoints of [1, 3, 4]) {
    it(`splits the views of ${splitKeypoints} keypoints of a batch among two labels`, () => {
      const before = drawn(1);
      const { patchIndices, labels: classes, setIds } = plantTwins(
        before,
        patchesOfSet,
        splitKeypoints,
      );
      assert.deepEqual(classes, before.labels);
      const kept = 3 * (8 - splitKeypoints);
      assert.deepEqual(
        patchIndices.subarray(0, kept),
        before.patchIndices.subarray(0, kept),
      );
      assert.deepEqual(
        setIds.subarray(0, kept),
        before.setIds.subarray(0, kept),
      );
      for (let number = 0; number < splitKeypoints; number++) {
        const views = [
          ...patchIndices.subarray(3 * number, 3 * number + 3),
          ...patchIndices.subarray(kept + 3 * number, kept + 3 * number + 3),
        ];
        const set = before.setIds[3 * number];
        assert.deepEqual(views.sort((a, b) => a - b), patchesOfSet[set]);
        assert.ok(
          setIds.subarray(kept + 3 * number, kept + 3 * number + 3)
            .every((id) => id === set),
        );
      }
    });
  }

  it("refuses more twins than classes, half of one, and keypoints without further views", () => {
    for (const splitKeypoints of [5, 0.5]) {
      assert.throws(
        () => plantTwins(drawn(0), patchesOfSet, splitKeypoints),
        RangeError,
      );
    }
    const few = Uint32Array.from({ length: 80 }, (_, i) => i % 20);
    const sampler = new BatchSampler(few, {
      seed: 5,
      batchSize: 8,
      positives: 3,
    });
    assert.throws(
      () => plantTwins(sampler.batch(0, 0), patchesByLabel(few), 2),
      /1 further views, and 3 are wanted/,
    );
  });
});
