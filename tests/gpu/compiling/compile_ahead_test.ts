import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  compileAhead,
  type WantedKernels,
} from "../../../gpu/compiling/compile_ahead.ts";
import { openGpu } from "../../../gpu/device.ts";
import { kernel } from "../../../gpu/kernel.ts";
import { initialWeights } from "../../../gpu/nn/initial_weights.ts";
import { lossNames } from "../../../gpu/nn/losses.ts";
import { sdgmnet128 } from "../../../gpu/nn/sdgmnet128.ts";
import { Trainer } from "../../../gpu/nn/training/trainer.ts";
import { observeDispatches } from "../../../gpu/recorder.ts";
import { stage1 } from "../../helpers/gpu/descriptor_loss.ts";
import { assertSameBits } from "../../helpers/gpu/gpu_op.ts";
import { stepOptions, stripedBatch } from "../../helpers/gpu/training_batch.ts";

const gpu = await openGpu();
const isShared = /llvmpipe/.test(gpu.adapter.description);
const options = { cores: 3, patienceMs: 0 };

/** Kernels that no other test compiles. */
function ownKernels(...places: number[]): WantedKernels {
  return new Map(places.map((place) => [
    kernel(
      gpu,
      "own",
      `@group(0) @binding(0) var<storage, read_write> y: array<u32>;
@compute @workgroup_size(1) fn main() { y[0] = ${place}u; }`,
    ),
    undefined,
  ]));
}

function trainer(own: typeof gpu, samples: number, classes: number): Trainer {
  return new Trainer(own, {
    architecture: sdgmnet128,
    initial: initialWeights(sdgmnet128, 211),
    teacher: "self",
    samples,
    classes,
  });
}

describe("compileAhead", { skip: !isShared }, () => {
  it("takes as many devices as there are cores and kernels", async () => {
    const kernels = ownKernels(1, 2, 3, 4);
    assert.equal(await compileAhead(gpu, kernels, options), 3);
    assert.equal(await compileAhead(gpu, kernels, options), 0);
    assert.equal(await compileAhead(gpu, ownKernels(5), options), 1);
    gpu.assertHealthy();
  });

  it("leaves it at one device where that is quick", async () => {
    const kernels = ownKernels(6, 7);
    const patient = { ...options, patienceMs: 60_000 };
    assert.equal(await compileAhead(gpu, kernels, patient), 1);
  });

  it("leaves it to the kernel's use where there is one core", async () => {
    const alone = { ...options, cores: 1 };
    assert.equal(await compileAhead(gpu, ownKernels(8), alone), 0);
  });

  it("passes over a kernel that zeros do not suit", async () => {
    const unsuited = kernel(
      gpu,
      "unsuited",
      `@group(0) @binding(0) var<storage, read_write> y: array<u32, 99999>;
@compute @workgroup_size(1) fn main() { y[0] = 1u; }`,
    );
    const kernels = new Map([[unsuited, undefined], ...ownKernels(9)]);
    await compileAhead(gpu, kernels, options);
    await gpu.device.queue.onSubmittedWorkDone();
    gpu.assertHealthy();
  });

  it("ends for every kernel of a step, with every loss", async () => {
    using own = trainer(gpu, 24, 8);
    for (const kind of lossNames) {
      await own.prepare(stepOptions(0, { loss: { ...stage1, kind } }));
    }
    gpu.assertHealthy();
  });
});

describe("Trainer.prepare", () => {
  it("runs nothing of the step and changes no bit of it", async () => {
    using observed = await openGpu();
    let dispatches = 0;
    observeDispatches(observed, () => {
      dispatches++;
      return undefined;
    });
    const batch = stripedBatch(8, 3, 1);
    const states = [];
    for (const prepares of [false, true]) {
      using own = trainer(observed, 24, 8);
      if (prepares) {
        dispatches = 0;
        await own.prepare(stepOptions(0));
        assert.equal(dispatches, 0);
      }
      own.step(batch, stepOptions(0));
      states.push(await own.state());
    }
    const [plain, prepared] = states;
    assertSameBits("values", prepared.values, plain.values);
    assertSameBits("running", prepared.running, plain.running);
    assert.equal(prepared.batchesTracked, plain.batchesTracked);
    assert.equal(prepared.optimizerSteps, plain.optimizerSteps);
  });
});
