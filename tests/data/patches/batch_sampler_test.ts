import { deepEqual, equal, notDeepEqual, ok, throws } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { BatchSampler } from "../../../data/patches/batch_sampler.ts";
import { RandomStream } from "../../../data/random.ts";

/** Labels in mixed order: class c (label 7c + 3) has sizes[c] patches. */
function mixedLabels(sizes: number[]): Uint32Array {
  const labels: number[] = [];
  for (let turn = 0; turn < Math.max(...sizes); turn++) {
    sizes.forEach((size, c) => turn < size && labels.unshift(7 * c + 3));
  }
  return Uint32Array.from(labels);
}

const options = { seed: 211, batchSize: 4, positives: 3 };

describe("a batch", () => {
  it("holds batchSize distinct classes, Npos different patches of each, grouped", () => {
    const labels = mixedLabels(Array.from({ length: 20 }, () => 6));
    const sampler = new BatchSampler(labels, {
      seed: 1,
      batchSize: 8,
      positives: 3,
    });
    equal(sampler.labelCount, 20);
    for (let step = 0; step < 50; step++) {
      const batch = sampler.batch(0, step);
      equal(batch.patchIndices.length, 24);
      equal(new Set(batch.patchIndices).size, 24);
      equal(new Set(batch.setIds).size, 8);
      batch.labels.forEach((slot, row) => equal(slot, Math.floor(row / 3)));
      batch.patchIndices.forEach((patch, row) =>
        equal(labels[patch], 7 * batch.setIds[row] + 3)
      );
    }
  });

  it("gives all of a class that has no more than Npos, and the patch of a class of one twice", () => {
    const sizes = [1, 2, 3, 5];
    const sampler = new BatchSampler(mixedLabels(sizes), options);
    const batch = sampler.batch(3, 4);
    equal(batch.patchIndices.length, 2 + 2 + 3 + 3);
    for (let slot = 0; slot < 4; slot++) {
      const rows = [...batch.patchIndices.keys()].filter((row) =>
        batch.labels[row] === slot
      );
      const size = sizes[batch.setIds[rows[0]]];
      equal(rows.length, [0, 2, 2, 3, 3, 3][size]);
      equal(
        new Set(rows.map((row) => batch.patchIndices[row])).size,
        Math.min(size, 3),
      );
    }
  });

  it("depends on seed, epoch and step alone", () => {
    const labels = mixedLabels(Array.from({ length: 30 }, (_, c) => 1 + c % 5));
    const one = new BatchSampler(labels, options);
    const other = new BatchSampler(labels, options);
    for (let step = 0; step < 30; step++) one.batch(0, step);
    deepEqual(one.batch(2, 17), other.batch(2, 17));
    notDeepEqual(one.batch(2, 17), one.batch(2, 18));
    notDeepEqual(one.batch(2, 17), one.batch(17, 2));
    notDeepEqual(
      one.batch(2, 17),
      new BatchSampler(labels, { ...options, seed: 212 }).batch(2, 17),
    );
  });

  it("reaches every class and every patch equally often", () => {
    const labels = mixedLabels(Array.from({ length: 10 }, () => 4));
    const sampler = new BatchSampler(labels, {
      seed: 5,
      batchSize: 5,
      positives: 2,
    });
    const times = new Uint32Array(40);
    for (let step = 0; step < 4000; step++) {
      for (const patch of sampler.batch(0, step).patchIndices) times[patch]++;
    }
    // each patch: 4000 draws of probability 1/4, standard deviation 27
    ok(times.every((count) => Math.abs(count - 1000) < 140), String(times));
  });

  it("cannot be drawn with too few labels or impossible options", () => {
    const labels = mixedLabels([2, 2, 2]);
    throws(
      () => new BatchSampler(labels, options),
      /^DataError: Cannot draw a training batch: batch_size: found 4 classes a batch from a patch set of 3 labels, wanted at most 3; lower batch_size or raise patch_sets$/,
    );
    throws(
      () => new BatchSampler(new Uint32Array(0), options),
      /a patch set of 0 labels/,
    );
    throws(
      () => new BatchSampler(labels, { ...options, positives: 1 }),
      /Npos: found 1, wanted/,
    );
    throws(
      () => new BatchSampler(labels, { ...options, batchSize: 0.5 }),
      /batch_size: found 0.5/,
    );
  });

  it("keeps these rules on random label lists", () => {
    for (let round = 0; round < 60; round++) {
      const stream = new RandomStream(round, "sampler test");
      const length = 2 + stream.integer(60);
      const labels = Uint32Array.from(
        { length },
        () => 0xffffff00 + stream.integer(12),
      );
      const distinct = [...new Set(labels)].sort();
      const batchSize = 1 + stream.integer(distinct.length);
      const positives = 2 + stream.integer(4);
      const sampler = new BatchSampler(labels, {
        seed: round,
        batchSize,
        positives,
      });
      equal(sampler.labelCount, distinct.length);
      const batch = sampler.batch(round, 1);
      equal(batch.labels[batch.labels.length - 1], batchSize - 1);
      batch.patchIndices.forEach((patch, row) =>
        equal(labels[patch], distinct[batch.setIds[row]])
      );
      for (let slot = 0; slot < batchSize; slot++) {
        const rows = [...batch.labels.keys()].filter((row) =>
          batch.labels[row] === slot
        );
        const size = labels.filter((label) =>
          label === distinct[batch.setIds[rows[0]]]
        ).length;
        equal(rows.length, Math.max(2, Math.min(size, positives)));
        equal(
          new Set(rows.map((row) => batch.patchIndices[row])).size,
          Math.min(size, positives),
        );
      }
    }
  });
});
