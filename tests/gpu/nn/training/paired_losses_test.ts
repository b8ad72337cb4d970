import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { DescriptorLoss } from "../../../../gpu/nn/training/descriptor_loss.ts";
import { lossOf } from "../../../../gpu/nn/losses.ts";
import { Recorder } from "../../../../gpu/recorder.ts";
import { Arena } from "../../../../gpu/tensor.ts";
import {
  batchOf,
  clusteredDescriptors,
  upload,
} from "../../../helpers/gpu/descriptor_batch.ts";
import { openBench, withOtherTiles } from "../../../helpers/gpu/gpu_op.ts";
import {
  pairedLossNames,
  PairedLossRun,
  pairedOptions,
  type PairedRows,
  referenceOf,
} from "../../../helpers/golden/paired_losses.ts";

const { gpu } = await openBench();
const otherTiles = withOtherTiles(gpu);

/** Classes of two rows at different spreads; 41 of them, so that the last block of rows is not full. */
function pairedBatch(classes: number, seed: number): PairedRows {
  const { rows } = clusteredDescriptors(
    new Array<number>(classes).fill(2),
    seed,
    1.1,
  );
  const norms = Float32Array.from(
    { length: 2 * classes },
    (_, row) => 9 + (row * 7) % 5 + seed / 100,
  );
  return { rows, norms };
}

const classes = 41;
const batches = [51, 52, 53].map((seed) => pairedBatch(classes, seed));

function assertNear(
  what: string,
  found: ArrayLike<number>,
  wanted: ArrayLike<number>,
  tolerance = 1e-6,
): void {
  assert.equal(found.length, wanted.length, what);
  const largest = Array.from(wanted).reduce(
    (most, value) => Math.max(most, Math.abs(value)),
    0,
  );
  for (let at = 0; at < wanted.length; at++) {
    assert.ok(
      Math.abs(found[at] - wanted[at]) <= tolerance * largest,
      `${what} ${at}: ${found[at]} against ${wanted[at]}`,
    );
  }
}

describe("the losses of two views a class", () => {
  for (const kind of pairedLossNames) {
    const step = { options: pairedOptions(kind), progress: 0.5 };

    it(`agree with the float64 reference, step by step: ${kind}`, async () => {
      for (const device of [gpu, otherTiles]) {
        using run = new PairedLossRun(device, DescriptorLoss, classes);
        let running: number[] | undefined;
        for (const batch of batches) {
          const found = await run.step(batch, step);
          const wanted = referenceOf(batch, step, running);
          running = wanted.running;
          assertNear("loss", [found.loss], [wanted.loss]);
          assertNear("gradient", found.gradient, wanted.gradient.data, 2e-6);
          if (wanted.normGradient !== undefined) {
            assertNear(
              "gradient of the lengths",
              found.normGradient!,
              wanted.normGradient,
            );
          }
          running?.forEach((figure, at) =>
            assertNear(`running ${at}`, [found.running![at]], [figure])
          );
          const zeros = wanted.weights.filter((weight) => weight === 0);
          const { zeroWeightShare, pairCount } = found.statistics;
          assert.equal(pairCount, classes);
          assertNear("share", [zeroWeightShare], [zeros.length / classes]);
        }
      }
    });

    it(`give the same bits again, whatever the padding holds: ${kind}`, async () => {
      const results = [];
      for (const padding of [0.5, NaN]) {
        using run = new PairedLossRun(gpu, DescriptorLoss, classes);
        for (const batch of batches) {
          results.push(await run.step(batch, step, padding));
        }
      }
      assert.deepEqual(results.slice(3), results.slice(0, 3));
      assert.ok(results[0].padded.every((value) => value === 0));
      assert.ok(results[0].padded.length > 0);
    });

    it(`show in the loss that the descriptors are not numbers: ${kind}`, async () => {
      using run = new PairedLossRun(gpu, DescriptorLoss, classes);
      const rows = batches[0].rows.map(() => NaN);
      const { loss } = await run.step({ ...batches[0], rows }, step);
      assert.ok(Number.isNaN(loss));
    });

    it(`take equal rows: ${kind}`, async () => {
      // Class 0 gives its only patch twice; class 1's left view is the same patch as class 2's.
      const rows = batches[0].rows.slice();
      rows.copyWithin(128, 0, 128);
      rows.copyWithin(4 * 128, 2 * 128, 3 * 128);
      const batch = { ...batches[0], rows };
      using run = new PairedLossRun(gpu, DescriptorLoss, classes);
      const found = await run.step(batch, step);
      const wanted = referenceOf(batch, step);
      assertNear("loss", [found.loss], [wanted.loss]);
      assertNear("gradient", found.gradient, wanted.gradient.data, 2e-6);
    });

    it(`have no term where no row is a negative: ${kind}`, async () => {
      // Three classes, all of whose rows are one row.
      const rows = new Float32Array(6 * 128);
      for (let row = 0; row < 6; row++) rows[row * 128] = 1;
      const batch = { rows, norms: new Float32Array(6).fill(10) };
      using run = new PairedLossRun(gpu, DescriptorLoss, 3);
      const found = await run.step(batch, step);
      assert.ok(Array.from(found.gradient).every((value) => value === 0));
      // The root of the second-order term is √1e-6 of nothing.
      const roots = lossOf(kind).secondOrder ? 3e-3 : 0;
      assert.ok(Math.abs(found.loss - roots) < 1e-9, String(found.loss));
    });
  }

  it("goes on from the figures that another left", async () => {
    const step = { options: pairedOptions("SDGMNet"), progress: 0.5 };
    using whole = new PairedLossRun(gpu, DescriptorLoss, classes);
    await whole.step(batches[0], step);
    const { running } = await whole.step(batches[1], step);
    using rest = new PairedLossRun(gpu, DescriptorLoss, classes);
    rest.restore(running!);
    assert.deepEqual(
      await rest.step(batches[2], step),
      await whole.step(batches[2], step),
    );
  });

  it("leaves near rows out after an eighth of SDGMNet's steps", async () => {
    const options = pairedOptions("SDGMNet");
    const near = pairedBatch(classes, 60);
    // Class 1's left view 0.4 from class 0's, which is an angle below 0.6.
    const [first, second] = [0, 2].map((row) =>
      near.rows.slice(row * 128, row * 128 + 128)
    );
    const mixed = first.map((value, d) => value + 0.3 * second[d]);
    const length = Math.hypot(...mixed);
    near.rows.set(mixed.map((value) => value / length), 2 * 128);
    const negatives = async (progress: number) => {
      using run = new PairedLossRun(gpu, DescriptorLoss, classes);
      const { statistics } = await run.step(near, { options, progress });
      const wanted = referenceOf(near, { options, progress });
      assertNear("loss", [statistics.loss], [wanted.loss]);
      return wanted.negatives[0];
    };
    assert.deepEqual(await negatives(0.1249), [0, 2]);
    assert.notDeepEqual(await negatives(0.125), [0, 2]);
  });

  it("refuses other batches than of two views, further rounds, and HyNet without lengths", () => {
    using arena = new Arena(gpu);
    using recorder = new Recorder(gpu);
    using loss = new DescriptorLoss(gpu, { samples: 8, classes: 3 });
    const record = (
      rowsOfClass: number[],
      kind: "HardNet" | "HyNet",
      negNum = 1,
    ) => {
      const count = rowsOfClass.reduce((sum, rows) => sum + rows, 0);
      const rows = Array.from(
        { length: count },
        () => new Array<number>(128).fill(0),
      );
      const inputs = upload(arena, batchOf(rows, rowsOfClass));
      const gradient = arena.tensor("gradient", inputs.descriptors.shape);
      const options = { ...pairedOptions(kind), negNum };
      loss.record(recorder, inputs, options, gradient);
    };
    assert.throws(() => record([2, 3], "HardNet"), {
      name: "GpuError",
      message: "Cannot run HardNet: rows of the batch: found 5, wanted 4",
    });
    assert.throws(
      () => record([2, 2], "HardNet", 2),
      /negNum: found 2, wanted 1/,
    );
    assert.throws(
      () => record([2, 2], "HyNet"),
      /norm: found none, wanted at least 4, the rows' lengths/,
    );
  });
});
