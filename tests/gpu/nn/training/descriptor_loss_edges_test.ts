import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { type Gpu, openGpu } from "../../../../gpu/device.ts";
import { DescriptorLoss } from "../../../../gpu/nn/training/descriptor_loss.ts";
import { Recorder } from "../../../../gpu/recorder.ts";
import { Arena } from "../../../../gpu/tensor.ts";
import {
  batchOf,
  fromBlocks,
  unit,
  upload,
} from "../../../helpers/gpu/descriptor_batch.ts";
import {
  batch,
  lossCases,
  referenceLoss,
  runLoss,
  stage1,
  teacher,
} from "../../../helpers/gpu/descriptor_loss.ts";

describe("DescriptorLoss at its edges", () => {
  let gpu: Gpu;
  beforeEach(async () => {
    gpu = await openGpu();
  });
  afterEach(() => gpu[Symbol.dispose]());

  it("is zero in padding rows and blind to what they hold", async () => {
    assert.notEqual(batch.labels.length % 32, 0);
    const first = await runLoss(gpu, batch, teacher, stage1, 0.5);
    const second = await runLoss(gpu, batch, teacher, stage1, NaN);
    assert.deepEqual(second, first);
    const rows = fromBlocks(first.blocks, first.blocks.length / 128);
    const padding = rows.subarray(batch.labels.length * 128);
    assert.ok(padding.length > 0 && padding.every((value) => value === 0));
  });

  it("gives the same bits again", async () => {
    const options = { ...stage1, negNum: 2 };
    assert.deepEqual(
      await runLoss(gpu, batch, teacher, options),
      await runLoss(gpu, batch, teacher, options),
    );
  });

  it("has no gradient between equal rows", async () => {
    // The first class gives its only patch twice, as a batch does with a class of one.
    const axis = (k: number) =>
      unit(Array.from({ length: 128 }, (_, d) => d === k ? 1 : 0.01));
    const twins = batchOf(
      [axis(0), axis(0), axis(1), axis(1), axis(1)],
      [2, 3],
    );
    const options = {
      ...stage1,
      kind: "tripletMargin_o",
      marginpos: 2,
    } as const;
    const got = await runLoss(gpu, twins, twins.rows, options);
    const wanted = referenceLoss(twins, twins.rows, options);
    assert.equal(got.statistics.meanPositive, 0);
    got.gradient.forEach((value, i) =>
      assert.ok(Math.abs(value - wanted.gradient.data[i]) <= 1e-6)
    );
  });

  it("shows in the loss that the descriptors are not numbers", async () => {
    for (const [, options] of lossCases) {
      // All of them: the batch's statistics spread one patch's failure.
      const broken = { ...batch, rows: batch.rows.map(() => NaN) };
      const { statistics } = await runLoss(gpu, broken, teacher, options);
      assert.ok(Number.isNaN(statistics.loss), options.kind);
    }
  });

  it("refuses ExpTeacher without a teacher and no rounds", () => {
    using arena = new Arena(gpu);
    using recorder = new Recorder(gpu);
    using loss = new DescriptorLoss(gpu, { samples: 200, classes: 40 });
    const inputs = upload(arena, batch);
    const gradient = arena.tensor("gradient", inputs.descriptors.shape);
    assert.throws(() => loss.record(recorder, inputs, stage1, gradient), {
      name: "GpuError",
      message:
        "Cannot run descriptorLoss: ExpTeacher: found no teacher, wanted the teacher's descriptors",
    });
    assert.throws(
      () =>
        loss.record(
          recorder,
          inputs,
          { ...stage1, kind: "balance", negNum: 0 },
          gradient,
        ),
      /negNum: found 0, wanted an integer of at least 1/,
    );
  });
});
