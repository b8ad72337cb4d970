import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { parameterTable } from "../../../../gpu/nn/parameter_table.ts";
import { sdgmnet128 } from "../../../../gpu/nn/sdgmnet128.ts";
import {
  augmentMatrix,
  drawAugmentation,
} from "../../../../gpu/augmentation.ts";
import { openGpu } from "../../../../gpu/device.ts";
import { unflatten } from "../../../../gpu/nn/parameters.ts";
import { Trainer } from "../../../../gpu/nn/training/trainer.ts";
import { randomPurpose, randomStream } from "../../../../gpu/random_bits.ts";
import { assertNear } from "../../../helpers/gpu/gpu_op.ts";
import { goldenState } from "../../../helpers/golden/network_golden.ts";
import { keepMaskOf } from "../../../helpers/gpu/network_on_gpu.ts";
import {
  stepOptions,
  stripedBatch,
  transformed,
} from "../../../helpers/gpu/training_batch.ts";
import {
  adamStep,
  freshAdamState,
  isExemptFromDecay,
} from "../../../reference/adam.ts";
import { warpPatch } from "../../../reference/augment.ts";
import { expTeacherLoss } from "../../../reference/descriptor_loss.ts";
import {
  networkBackward,
  networkForward,
  runningStatisticsAfter,
} from "../../../reference/sdgmnet128.ts";
import { tensorOf, zeros } from "../../../reference/tensor.ts";

const table = parameterTable(sdgmnet128);

// Ten rows in a network of sixteen: the last group of eight is padded.
const rows = 10;
const state = goldenState();
const options = stepOptions(3);
const { key, loss, learningRate, momentum, weightDecay } = options;
const batch = transformed(stripedBatch(5, 2, 4), key);

const gpu = await openGpu();
const trainer = new Trainer(gpu, {
  architecture: sdgmnet128,
  initial: state,
  teacher: "self",
  samples: 16,
  classes: 8,
});
trainer.step(batch, options);
const statistics = await trainer.readStatistics();
const after = await trainer.state();

/** The float64 twin's patches, as binary32. */
function augmented() {
  const patches = zeros(rows, 1, 32, 32);
  const drawn = drawAugmentation(key, batch.labels, true);
  for (const [n, parameters] of drawn.entries()) {
    const patch = batch.patches.subarray(n * 4096, (n + 1) * 4096);
    patches.data.set(warpPatch(patch, augmentMatrix(parameters)), n * 1024);
  }
  return patches;
}

const { seed, stage, cycle, step } = key;
const stream = randomStream(seed, randomPurpose.dropout, stage, cycle, step);
const training = {
  training: true as const,
  keepMask: keepMaskOf(stream, options.dropoutRate, rows),
  dropoutRate: Math.fround(options.dropoutRate),
};
const patches = augmented();
const teacher = networkForward(state, patches, { training: false });
const student = networkForward(state, patches, training);
const twin = expTeacherLoss(
  student.get("descriptors")!,
  teacher.get("descriptors")!,
  batch.labels,
  {
    R: loss.R,
    B: loss.B,
    A: loss.A,
    use_stB: loss.useStB,
    neg_num: loss.negNum,
    threshold: loss.threshold,
    upper: loss.upper,
  },
);

const mean = (values: number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe("one training step", () => {
  it("has the float64 twin's loss and distances", () => {
    const [round] = twin.rounds;
    for (
      const [found, wanted] of [
        [statistics.loss, twin.loss],
        [statistics.meanPositive, mean(round.positiveDistances)],
        [statistics.meanNegative, mean(round.negativeDistances)],
        [statistics.zeroPosition!, round.negativeBound / 2],
      ]
    ) {
      assert.ok(Math.abs(found - wanted) <= 1e-4, `${found} for ${wanted}`);
    }
    assert.ok(round.weights.some((weight) => weight > 0 && weight < 1));
    assert.equal(statistics.pairCount, 5);
  });

  it("moves the running statistics as the twin does", () => {
    const moved = runningStatisticsAfter(state, student);
    assertNear("mean", after.running.subarray(0, 128), moved.mean.data, 1e-4);
    assertNear(
      "variance",
      after.running.subarray(128),
      moved.variance.data,
      1e-4,
    );
  });

  it("has the twin's gradient, and makes fastai's Adam step of it", () => {
    const expected = networkBackward(state, student, twin.gradient, training);
    const values = unflatten(table, after.values);
    let compared = 0;
    for (const [name, { data }] of unflatten(table, after.firstMoments)) {
      const gradient = Float64Array.from(data, (m) => m / (1 - momentum));
      assertNear(name, gradient, expected.get(name)!.data, 5e-3);
      const moved = Float64Array.from(state.get(name)!.data);
      adamStep(moved, gradient, freshAdamState(moved.length), {
        step: 1,
        learningRate,
        momentum,
        weightDecay: isExemptFromDecay(name) ? 0 : weightDecay,
      });
      values.get(name)!.data.forEach((value, at) =>
        assert.ok(
          Math.abs(value - moved[at]) <= 2e-6,
          `${name}[${at}] became ${value}, by the rule ${moved[at]}`,
        )
      );
      compared++;
    }
    assert.equal(compared, 34);
    assert.equal(after.optimizerSteps, 1);
    assert.equal(after.batchesTracked, 1);
  });

  it("decays what is not exempt even where no gradient reaches it", () => {
    const decay = 1 - learningRate * weightDecay;
    const flat = unflatten(table, after.firstMoments);
    let still = 0;
    for (const [name, { data }] of unflatten(table, after.values)) {
      const moments = flat.get(name)!.data;
      const before = tensorOf([data.length], state.get(name)!.data).data;
      data.forEach((value, at) => {
        if (moments[at] !== 0) return;
        still++;
        const wanted = isExemptFromDecay(name) ? 1 : decay;
        assert.ok(Math.abs(value - before[at] * wanted) <= 1e-7, name);
      });
    }
    assert.ok(still > 0, "every value had a gradient");
  });
});
