import assert from "node:assert/strict";
import { BackwardPass } from "../../../gpu/nn/training/backward_pass.ts";
import { describe, it } from "@std/testing/bdd";
import { sdgmnet128 } from "../../../gpu/nn/sdgmnet128.ts";
import { type Gpu, openGpu } from "../../../gpu/device.ts";
import { GpuMemoryError } from "../../../gpu/errors.ts";
import { initialWeights } from "../../../gpu/nn/initial_weights.ts";
import { NetworkMemory } from "../../../gpu/nn/network_memory.ts";
import { NetworkParameters } from "../../../gpu/nn/parameters.ts";
import { Trainer } from "../../../gpu/nn/training/trainer.ts";
import type {
  TrainerOptions,
  TrainerState,
} from "../../../gpu/nn/training/training_types.ts";
import { Arena } from "../../../gpu/tensor.ts";
import { tilesOfClass } from "../../../gpu/tiles.ts";
import { assertSameBits } from "../../helpers/gpu/gpu_op.ts";
import { idleGpu } from "../../helpers/gpu/idle_device.ts";
import { stepOptions, stripedBatch } from "../../helpers/gpu/training_batch.ts";

/** The adapter, cut as the software one is on whatever it runs: how much fits a budget depends on that. */
async function openWith(memoryMib: number): Promise<Gpu> {
  const gpu = await openGpu({ memoryMib });
  gpu.tiles = tilesOfClass.software;
  return gpu;
}

const gpu = await openWith(0);
const initial = initialWeights(sdgmnet128, 5);

function shapeOf(
  on: Gpu,
  samples: number,
  training = true,
): { microBatchSamples: number; kept: number } {
  using parameters = new NetworkParameters(on, sdgmnet128);
  using memory = NetworkMemory.allocate(on, parameters, {
    samples,
    ...(training ? { backward: BackwardPass } : {}),
  });
  const { microBatchSamples, activations } = memory;
  return { microBatchSamples, kept: activations.length };
}

/** Two steps of 16 patches; what they leave, and the most memory they took. */
async function twoSteps(
  memoryMib: number,
  teacher: NonNullable<TrainerOptions["teacher"]>,
): Promise<{ state: TrainerState; peakMib: number }> {
  using on = await openGpu({ memoryMib });
  using trainer = new Trainer(on, {
    architecture: sdgmnet128,
    initial,
    teacher,
    samples: 16,
    classes: 8,
  });
  for (let step = 0; step < 2; step++) {
    trainer.step(stripedBatch(8, 2, step), stepOptions(step));
  }
  return { state: await trainer.state(), peakMib: on.peakBytes / 2 ** 20 };
}

describe("NetworkMemory", () => {
  it("keeps every micro-batch's activations where no budget is set", () => {
    assert.deepEqual(shapeOf(gpu, 768), { microBatchSamples: 256, kept: 3 });
    const inference = shapeOf(gpu, 768, false);
    assert.deepEqual(inference, { microBatchSamples: 256, kept: 1 });
  });

  it("gives every thread of a card work with larger micro-batches, where they fit", () => {
    const card = idleGpu("discrete");
    assert.deepEqual(shapeOf(card, 7680), { microBatchSamples: 960, kept: 8 });
    card.budgetBytes = 4000 * 2 ** 20;
    const { microBatchSamples, kept } = shapeOf(card, 7680);
    assert.equal(microBatchSamples, 960);
    assert.ok(kept < 8);
    card.budgetBytes = 1500 * 2 ** 20;
    assert.ok(shapeOf(card, 7680).microBatchSamples < 960);
  });

  it("makes the micro-batches smaller where the driver refuses large buffers", () => {
    const card = idleGpu("discrete");
    card.largestBufferBytes = 128 * 2 ** 20;
    assert.deepEqual(shapeOf(card, 7680), { microBatchSamples: 480, kept: 16 });
  });

  it("keeps as many as the budget holds, then makes the micro-batches smaller", async () => {
    using large = await openWith(1210);
    assert.deepEqual(shapeOf(large, 7680), { microBatchSamples: 256, kept: 4 });
    using small = await openWith(200);
    const { microBatchSamples, kept } = shapeOf(small, 768);
    assert.ok(microBatchSamples < 256 && microBatchSamples % 8 === 0);
    assert.ok(kept < 768 / microBatchSamples);
    assert.equal(small.allocatedBytes, 0);
  });

  it("is refused, and gives everything back, when not even the smallest fits", async () => {
    using tiny = await openGpu({ memoryMib: 12 });
    using parameters = new NetworkParameters(tiny, sdgmnet128);
    const beforeBytes = tiny.allocatedBytes;
    assert.throws(
      () =>
        NetworkMemory.allocate(tiny, parameters, {
          samples: 64,
          backward: BackwardPass,
        }),
      (error) =>
        error instanceof GpuMemoryError && /at most 12 MiB/.test(error.message),
    );
    assert.equal(tiny.allocatedBytes, beforeBytes);
  });
});

describe("a training step within a budget", () => {
  for (const teacher of ["self", initialWeights(sdgmnet128, 7)] as const) {
    const name = teacher === "self" ? "the self-teacher" : "a named teacher";
    it(`leaves the bits of an unbounded one, with ${name}`, async () => {
      const unbounded = await twoSteps(0, teacher);
      const budgetMib = Math.floor(unbounded.peakMib);
      const bounded = await twoSteps(budgetMib, teacher);
      assert.ok(bounded.peakMib <= budgetMib);
      for (const part of ["values", "firstMoments", "running"] as const) {
        assertSameBits(part, bounded.state[part], unbounded.state[part]);
      }
    });
  }
});

describe("an arena whose budget is exceeded", () => {
  it("gives back what it held", async () => {
    using small = await openGpu({ memoryMib: 2 });
    using arena = new Arena(small);
    arena.tensor("first", [2 ** 18]);
    assert.throws(() => arena.tensor("second", [2 ** 19]), GpuMemoryError);
    assert.equal(small.allocatedBytes, 0);
  });
});
