import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { augmentTransforms } from "../../gpu/augmentation.ts";
import { openGpu } from "../../gpu/device.ts";
import { packedWords } from "../../gpu/nn/descriptor_network.ts";
import { sdgmnet128 } from "../../gpu/nn/sdgmnet128.ts";
import { Trainer } from "../../gpu/nn/training/trainer.ts";
import { Augment } from "../../gpu/ops/augment.ts";
import { randomPurpose, randomStream } from "../../gpu/random_bits.ts";
import { Arena } from "../../gpu/tensor.ts";
import { oneCycle } from "../../pipeline/training/schedule.ts";
import { goldenUniform } from "../helpers/golden/golden_hash.ts";
import {
  compareTraining,
  openGoldenTraining,
} from "../helpers/golden/golden_training.ts";
import { goldenDropoutRate, goldenState } from "../helpers/golden/network_golden.ts";
import { ComposedTraining } from "../helpers/gpu/training_steps.ts";

const gpu = await openGpu();
const run = await openGoldenTraining();

describe("whole training steps against PyTorch", () => {
  it("move every tensor alike over two and over ten", async () => {
    assert.equal(run.steps, 10);
    await compareTraining(run, gpu, run.steps);
  });

  it("are what the Trainer does, bit for bit, with patches that it augments", async () => {
    const { batch, loss, steps, maximum, weightDecay } = run;
    const { labels, firstRowOfClass } = batch;
    const start = goldenState();
    using arena = new Arena(gpu);
    using augment = new Augment(gpu, labels.length);
    using training = new ComposedTraining(gpu, start, batch);
    using trainer = new Trainer(gpu, {
      architecture: sdgmnet128,
      initial: start,
      teacher: "self",
      samples: labels.length,
      classes: firstRowOfClass.length - 1,
    });
    const patches = Uint8Array.from(
      goldenUniform("patches", labels.length * 64 * 64),
      (u) => 256 * u,
    );
    const bytes = arena.tensorOf(
      "bytes",
      [patches.length / 4],
      packedWords(patches),
    );
    const before = await training.parameters.values.readFloats();
    for (let step = 0; step < 2; step++) {
      const key = { seed: 3, stage: 1, cycle: 4, step };
      const options = {
        dropoutRate: goldenDropoutRate,
        loss,
        ...oneCycle(step, steps, maximum),
        weightDecay,
      };
      const transforms = augmentTransforms(key, labels, true);
      trainer.step({ patches, labels, transforms }, { key, ...options });
      augment.prepare(transforms, labels.length);
      augment.record(training.recorder, bytes, training.patches, {
        count: labels.length,
      });
      const { dropout } = randomPurpose;
      const stream = randomStream(key.seed, dropout, 1, 4, step);
      const composed = await training.step({ ...options, stream });
      assert.equal((await trainer.readStatistics()).loss, composed);
    }
    const { values, running } = await trainer.state();
    const { parameters } = training;
    assert.deepEqual(values, await parameters.values.readFloats());
    assert.deepEqual(running, await parameters.running.readFloats());
    assert.notDeepEqual(values, before);
  });
});
