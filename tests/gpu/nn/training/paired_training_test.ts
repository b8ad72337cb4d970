import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openGpu } from "../../../../gpu/device.ts";
import { initialWeights } from "../../../../gpu/nn/initial_weights.ts";
import { type LossName, lossOf } from "../../../../gpu/nn/losses.ts";
import { sdgmnet128 } from "../../../../gpu/nn/sdgmnet128.ts";
import { Trainer } from "../../../../gpu/nn/training/trainer.ts";
import {
  pairedLossNames,
  pairedOptions,
} from "../../../helpers/golden/paired_losses.ts";
import {
  stepOptions,
  stripedBatch,
} from "../../../helpers/gpu/training_batch.ts";

const gpu = await openGpu();
const classes = 12;
const batches = [1, 2, 3].map((seed) => stripedBatch(classes, 2, seed));

function trainer(loss: LossName, seed: number): Trainer {
  return new Trainer(gpu, {
    architecture: sdgmnet128,
    initial: initialWeights(sdgmnet128, seed),
    loss,
    samples: 2 * classes,
    classes,
  });
}

function take(training: Trainer, kind: LossName, step: number): void {
  const options = { loss: pairedOptions(kind), progress: 0.5 };
  training.step(batches[step], stepOptions(step, options));
}

describe("a training with two views a class", () => {
  for (const kind of pairedLossNames) {
    it(`continues bit for bit where it stood: ${kind}`, async () => {
      using whole = trainer(kind, 5);
      for (const step of [0, 1]) take(whole, kind, step);
      const middle = await whole.state();
      take(whole, kind, 2);
      const statistics = await whole.readStatistics();
      const end = await whole.state();
      assert.notDeepEqual(end.values, middle.values);
      assert.ok(end.values.every(Number.isFinite));

      using resumed = trainer(kind, 6);
      resumed.restore(middle);
      assert.deepEqual(await resumed.state(), middle);
      take(resumed, kind, 2);
      assert.deepEqual(await resumed.readStatistics(), statistics);
      assert.deepEqual(await resumed.state(), end);
    });
  }

  it("carries figures from step to step where the loss has any", async () => {
    for (const kind of ["HardNet", "SDGMNet"] as const) {
      using training = trainer(kind, 5);
      take(training, kind, 0);
      const { lossRunning } = await training.state();
      const moved = lossRunning.some((figure) => figure !== 0);
      assert.equal(moved, lossOf(kind).running !== undefined, kind);
    }
  });

  it("feels HyNet's lengths in the weights", async () => {
    const gradientOf = async (kind: LossName, marginpos: number) => {
      using training = trainer(kind, 5);
      const loss = pairedOptions(kind, marginpos);
      training.step(batches[0], stepOptions(0, { loss }));
      return (await training.state()).firstMoments;
    };
    // Without a margin to violate, the lengths alone are left.
    const lengths = await gradientOf("HyNet", -100);
    const none = await gradientOf("HardNet", -100);
    assert.ok(none.every((value) => value === 0));
    assert.ok(lengths.some((value) => Math.abs(value) > 1e-6));
  });
});
