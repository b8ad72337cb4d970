import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { drawAugmentation } from "../../gpu/augmentation.ts";
import { openGpu } from "../../gpu/device.ts";
import { packedWords } from "../../gpu/nn/descriptor_network.ts";
import { Trainer } from "../../gpu/nn/trainer.ts";
import { Augment } from "../../gpu/ops/augment.ts";
import { randomPurpose, randomStream } from "../../gpu/random.ts";
import { Arena } from "../../gpu/tensor.ts";
import { oneCycle } from "../../pipeline/schedule.ts";
import { goldenUniform } from "../helpers/golden_hash.ts";
import { goldenBatch, lossOptionsOf } from "../helpers/golden_losses.ts";
import {
  goldenDropoutRate,
  goldenDropoutStream,
  GoldenFigures,
  goldenState,
} from "../helpers/network_golden.ts";
import { ComposedTraining } from "../helpers/training_steps.ts";

const gpu = await openGpu();
const start = goldenState();
const golden = await GoldenFigures.open("training");
const activations = await GoldenFigures.open("activations");
const labels = activations.exact("labels").data;
const { batch } = goldenBatch(activations, "input", labels);
const loss = lossOptionsOf(golden, "expTeacher");
const { steps, maximum, decay: weightDecay } = golden.optionsOf<
  { steps: number; maximum: number; decay: number }
>("rule");

describe("whole training steps against PyTorch", () => {
  it("move every tensor alike over two and over ten", async () => {
    using training = new ComposedTraining(gpu, start, batch);
    training.patches.write(batch.rows);
    for (let step = 0; step < steps; step++) {
      const found = await training.step({
        stream: goldenDropoutStream(`keep_mask.${step}`),
        dropoutRate: goldenDropoutRate,
        loss,
        ...oneCycle(step, steps, maximum),
        weightDecay,
      });
      const wanted = golden.exact("losses").data[step];
      assert.ok(
        Math.abs(found - wanted) <= 1e-4 * wanted,
        `loss of step ${step} is ${found}, PyTorch has ${wanted}`,
      );
      if (step + 1 !== 2 && step + 1 !== steps) continue;
      const state = await training.parameters.state();
      let compared = 0;
      for (const [name, { data: before }] of start) {
        if (name.endsWith(".eps")) continue;
        const { data } = state.get(name)!;
        const moved = before.map((value, at) => Number(data[at]) - value);
        const figure = `moved.${step + 1}.${name}`;
        const distance = golden.distance(figure, moved);
        assert.ok(
          distance <= 0.05,
          `${figure}: ${distance} of the way from PyTorch's`,
        );
        compared++;
      }
      assert.equal(compared, 34 + 2);
    }
  });

  it("are what the Trainer does, bit for bit, with patches that it augments", async () => {
    using arena = new Arena(gpu);
    using augment = new Augment(gpu, labels.length);
    using training = new ComposedTraining(gpu, start, batch);
    using trainer = new Trainer(gpu, {
      initial: start,
      teacher: "self",
      samples: labels.length,
      classes: batch.firstRowOfClass.length - 1,
    });
    const patches = Uint8Array.from(
      goldenUniform("patches", labels.length * 64 * 64),
      (u) => 256 * u,
    );
    const setIds = batch.labels;
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
      trainer.step({ patches, labels: batch.labels, setIds }, {
        key,
        flipRotate: true,
        ...options,
      });
      augment.prepare(drawAugmentation(key, setIds, true));
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
