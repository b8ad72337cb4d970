import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { sdgmnet128 } from "../../../../gpu/nn/sdgmnet128.ts";
import { openGpu } from "../../../../gpu/device.ts";
import { initialWeights } from "../../../../gpu/nn/initial_weights.ts";
import { DescriptorNetwork } from "../../../../gpu/nn/descriptor_network.ts";
import type { LossStatistics } from "../../../../gpu/nn/training/loss_statistics.ts";
import type { NetworkState } from "../../../../gpu/nn/network_state.ts";
import { Trainer } from "../../../../gpu/nn/training/trainer.ts";
import type {
  StepOptions,
  TrainerOptions,
  TrainerState,
} from "../../../../gpu/nn/training/training_types.ts";
import { stage1 } from "../../../helpers/gpu/descriptor_loss.ts";
import {
  assertSameBits,
  withSameSums,
  withTunedTiles,
} from "../../../helpers/gpu/gpu_op.ts";
import {
  stepOptions,
  stripedBatch,
  transformed,
} from "../../../helpers/gpu/training_batch.ts";

const gpu = await openGpu();
const initial: NetworkState = initialWeights(sdgmnet128, 5);
const batch = stripedBatch(8, 2, 1);
const small = stripedBatch(5, 2, 2);

function trainer(options: Partial<TrainerOptions> = {}, on = gpu): Trainer {
  return new Trainer(on, {
    architecture: sdgmnet128,
    initial,
    teacher: "self",
    samples: 16,
    classes: 8,
    ...options,
  });
}

/** The figures of one first step. */
async function firstStep(
  options: Partial<TrainerOptions>,
): Promise<{ statistics: LossStatistics; state: TrainerState }> {
  using training = trainer(options);
  training.step(batch, stepOptions(0));
  return {
    statistics: await training.readStatistics(),
    state: await training.state(),
  };
}

function assertSameState(actual: TrainerState, expected: TrainerState) {
  for (
    const part of [
      "values",
      "firstMoments",
      "secondMoments",
      "running",
    ] as const
  ) {
    assertSameBits(part, actual[part], expected[part]);
  }
  assert.equal(actual.batchesTracked, expected.batchesTracked);
  assert.equal(actual.optimizerSteps, expected.optimizerSteps);
}

describe("Trainer.state and restore", () => {
  it("continue bit for bit where the run stood", async () => {
    using training = trainer();
    training.step(batch, stepOptions(0));
    training.step(small, stepOptions(1));
    const middle = await training.state();
    assert.equal(middle.optimizerSteps, 2);
    assert.equal(middle.batchesTracked, 2);
    training.step(batch, stepOptions(2));
    const statistics = await training.readStatistics();
    const end = await training.state();
    assert.notDeepEqual(end.values, middle.values);

    using resumed = trainer({ initial: initialWeights(sdgmnet128, 6) });
    resumed.restore(middle);
    assertSameState(await resumed.state(), middle);
    resumed.step(batch, stepOptions(2));
    assert.deepEqual(await resumed.readStatistics(), statistics);
    assertSameState(await resumed.state(), end);

    // The same trainer goes back as well.
    training.restore(middle);
    training.step(batch, stepOptions(2));
    assertSameState(await training.state(), end);
  });

  it("refuse another network's state", async () => {
    using training = trainer();
    const state = await training.state();
    assert.throws(
      () => training.restore({ ...state, firstMoments: new Float32Array(10) }),
      {
        name: "GpuError",
        message:
          `Cannot resume training: first moments: found 10 values, wanted ${state.values.length}`,
      },
    );
  });

  it("start anew after resetOptimizer, with the values kept", async () => {
    using training = trainer();
    training.step(batch, stepOptions(0));
    const before = await training.state();
    assert.ok(before.firstMoments.some((moment) => moment !== 0));
    training.resetOptimizer();
    const after = await training.state();
    assertSameState(after, {
      ...before,
      firstMoments: new Float32Array(before.firstMoments.length),
      secondMoments: new Float32Array(before.secondMoments.length),
      optimizerSteps: 0,
    });
    training.step(batch, stepOptions(1));
    assert.equal((await training.state()).optimizerSteps, 1);
  });
});

describe("Trainer's teacher", () => {
  it("self is the student in inference mode with the running statistics from before the step", async () => {
    const self = await firstStep({ teacher: "self" });
    const copy = await firstStep({ teacher: initial });
    assert.deepEqual(self.statistics, copy.statistics);
    assertSameState(self.state, copy.state);
    // With the statistics that the step itself leaves the loss would be another one.
    const moved = new Map(initial);
    const { running } = self.state;
    moved.set("features.6.2.running_mean", {
      shape: [128],
      data: running.slice(0, 128),
    });
    moved.set("features.6.2.running_var", {
      shape: [128],
      data: running.slice(128),
    });
    const later = await firstStep({ teacher: moved });
    assert.notEqual(later.statistics.loss, self.statistics.loss);
  });

  it("stays as it is when it is named, and changes the weights alone", async () => {
    const self = await firstStep({ teacher: "self" });
    const named = await firstStep({ teacher: initialWeights(sdgmnet128, 7) });
    assert.notEqual(named.statistics.loss, self.statistics.loss);
    // Which pairs are judged is the student's matter.
    assert.equal(
      named.statistics.meanPositive,
      self.statistics.meanPositive,
    );
    assert.equal(
      named.statistics.meanNegative,
      self.statistics.meanNegative,
    );
  });

  it("is missed where the loss needs one", () => {
    using training = new Trainer(gpu, {
      architecture: sdgmnet128,
      initial,
      samples: 16,
      classes: 8,
    });
    assert.throws(() => training.step(batch, stepOptions(0)), {
      name: "GpuError",
      message:
        "Cannot run descriptorLoss: ExpTeacher: found no teacher, wanted the teacher's descriptors",
    });
  });
});

describe("Trainer.step", () => {
  it("follows from its key and the batch: dropout, augmentation and flips", async () => {
    const values = async (options: StepOptions, changed = batch) => {
      using training = trainer();
      training.step(changed, options);
      return (await training.state()).values;
    };
    const options = stepOptions(0);
    const first = await values(options);
    assertSameBits("values", await values(options), first);
    for (
      const other of [
        await values(stepOptions(1)),
        await values(stepOptions(0, { dropoutRate: 0 })),
        await values(options, transformed(batch, stepOptions(1).key)),
        await values(options, transformed(batch, options.key, false)),
      ]
    ) {
      assert.notDeepEqual(other, first);
    }
  });

  it("gives the same bits with every table of tiles whose sums run alike", async () => {
    const run = async (on: typeof gpu) => {
      using training = trainer({}, on);
      training.step(batch, stepOptions(0));
      training.step(small, stepOptions(1));
      return await training.state();
    };
    const expected = await run(gpu);
    assertSameState(await run(withSameSums(gpu)), expected);
    assertSameState(await run(withTunedTiles(gpu)), expected);
  });

  it("brings the loss of a tiny problem down", async () => {
    using training = trainer();
    const options = (step: number) =>
      stepOptions(step, {
        loss: { ...stage1, kind: "tripletMargin_o", marginpos: 1 },
        learningRate: 0.003,
        dropoutRate: 0,
      });
    const losses: number[] = [];
    for (let step = 0; step < 10; step++) {
      const { key, ...rest } = options(step);
      training.step(transformed(batch, key, false), { key, ...rest });
      losses.push((await training.readStatistics()).loss);
    }
    const [first, last] = [losses[0], losses[9]];
    assert.ok(last < 0.7 * first, `losses ${losses.join(", ")}`);
    const network = await training.network();
    assert.equal(
      network.get("features.6.2.num_batches_tracked")!.data[0],
      10n,
    );
  });

  it("refuses more rows or classes than it was made for, and parts of different batches", () => {
    for (
      const [rows, message] of [
        [
          stripedBatch(9, 2, 3),
          /patch bytes: .*found 18432 values .*wanted at most 16384$/,
        ],
        [
          stripedBatch(9, 1, 3),
          /rows of classes: .*found 10 values .*wanted at most 9$/,
        ],
        [stripedBatch(1, 4, 3), /classCount: found 1, wanted 2 to 4$/],
        [
          { ...batch, patches: batch.patches.subarray(1) },
          /^Cannot train a step: patches: found 65535 bytes, wanted 65536 for 16 rows$/,
        ],
        [
          { ...batch, transforms: batch.transforms.subarray(0, 372) },
          /augment: transforms: found 372 values, wanted 384 for 16 patches$/,
        ],
      ] as const
    ) {
      using training = trainer();
      assert.throws(
        () => training.step(rows, stepOptions(0)),
        (error: Error) => {
          assert.equal(error.name, "GpuError");
          assert.match(error.message, message);
          return true;
        },
      );
    }
  });
});

describe("Trainer.describe", () => {
  it("is what a DescriptorNetwork of its tensors gives, step by step", async () => {
    using training = trainer();
    training.step(batch, stepOptions(0));
    const descriptors = await training.describe(
      batch.patches.subarray(0, 5 * 4096),
    );
    using network = DescriptorNetwork.create(
      gpu,
      sdgmnet128,
      await training.network(),
      {
        batchSize: 16,
      },
    );
    assertSameBits(
      "descriptors",
      descriptors as Float32Array,
      await network.describe(
        batch.patches.subarray(0, 5 * 4096),
        "phototour64",
      ),
    );
  });
});
