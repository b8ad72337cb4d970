import assert from "node:assert/strict";
import { BackwardPass } from "../../../../gpu/nn/training/backward_pass.ts";
import { it } from "@std/testing/bdd";
import { sdgmnet128 } from "../../../../gpu/nn/sdgmnet128.ts";
import type { ActivationType } from "../../../../gpu/activation.ts";
import { openGpu } from "../../../../gpu/device.ts";
import { Activations } from "../../../../gpu/nn/activations.ts";
import type { LossStatistics } from "../../../../gpu/nn/training/loss_statistics.ts";
import { initialWeights } from "../../../../gpu/nn/initial_weights.ts";
import { parameterTable } from "../../../../gpu/nn/parameter_table.ts";
import { NetworkMemory } from "../../../../gpu/nn/network_memory.ts";
import type { NetworkState } from "../../../../gpu/nn/network_state.ts";
import { NetworkParameters, unflatten } from "../../../../gpu/nn/parameters.ts";
import { Trainer } from "../../../../gpu/nn/training/trainer.ts";
import type { TrainerState } from "../../../../gpu/nn/training/training_types.ts";
import { assertSameBits, withOtherTiles } from "../../../helpers/gpu/gpu_op.ts";
import {
  describeHalves,
  halfRounding,
} from "../../../helpers/gpu/half_precision.ts";
import {
  stepOptions,
  stripedBatch,
} from "../../../helpers/gpu/training_batch.ts";

const opened = await openGpu();
const table = parameterTable(sdgmnet128);
const initial = initialWeights(sdgmnet128, 5);

/** Outputs that are rounded on the way from a patch to its descriptor: x and y of six layers. */
const roundings = 12;

/**
 * By how much of a tensor's gradient rounding may change it: a rounded activation near τ passes where the exact one does not,
 * and the other way round, which moves gradients far more than the rounding itself. 0.061 at most were found.
 */
const gradientTolerance = 0.1;

/** The device with no tensors and a budget; under small tiles kernels compile in a fraction of the time. */
function deviceWith(budgetBytes: number) {
  const gpu = withOtherTiles(opened);
  gpu.budgetBytes = budgetBytes;
  return gpu;
}

interface Outcome {
  statistics: LossStatistics;
  state: TrainerState;
  peakBytes: number;
}

/** Two steps of 16 patches, of which the first's figures are told. */
async function twoSteps(
  activations: ActivationType,
  { budgetBytes = Infinity, network = initial as NetworkState } = {},
): Promise<Outcome> {
  const gpu = deviceWith(budgetBytes);
  using trainer = new Trainer(gpu, {
    architecture: sdgmnet128,
    initial: network,
    teacher: "self",
    samples: 16,
    classes: 8,
    activations,
  });
  trainer.step(stripedBatch(8, 2, 0), stepOptions(0));
  const statistics = await trainer.readStatistics();
  const first = await trainer.state();
  trainer.step(stripedBatch(8, 2, 1), stepOptions(1));
  const { values } = await trainer.state();
  // The moments of one step are its gradient.
  const state = { ...first, values };
  return { statistics, state, peakBytes: gpu.peakBytes };
}

function assertSameOutcome(actual: Outcome, expected: Outcome) {
  assert.deepEqual(actual.statistics, expected.statistics);
  for (const part of ["values", "firstMoments", "running"] as const) {
    assertSameBits(part, actual.state[part], expected.state[part]);
  }
}

describeHalves("training with activations in 16 bits", () => {
  const runs = {} as Record<ActivationType, Outcome>;

  it("has nearly the loss and the gradient of 32 bits", async () => {
    runs.f32 = await twoSteps("f32");
    runs.f16 = await twoSteps("f16");
    const difference = runs.f16.statistics.loss - runs.f32.statistics.loss;
    assert.notEqual(difference, 0);
    const bound = roundings * halfRounding;
    assert.ok(Math.abs(difference) <= bound, `loss off by ${difference}`);
    const gradients = unflatten(table, runs.f16.state.firstMoments);
    for (
      const [name, { data }] of unflatten(table, runs.f32.state.firstMoments)
    ) {
      const rounded = gradients.get(name)!.data;
      let [error, size] = [0, 0];
      data.forEach((value, at) => {
        error += (rounded[at] - value) ** 2;
        size += value ** 2;
      });
      assert.ok(
        Math.sqrt(error) <= gradientTolerance * Math.sqrt(size),
        `${name} off by ${Math.sqrt(error / size)}`,
      );
    }
  });

  it("leaves the same bits on every run and within every budget", async () => {
    assertSameOutcome(await twoSteps("f16"), runs.f16);
    const budgetBytes = runs.f16.peakBytes - 1;
    const bounded = await twoSteps("f16", { budgetBytes });
    assert.ok(bounded.peakBytes <= budgetBytes);
    assertSameOutcome(bounded, runs.f16);
  });

  it("stays finite where outputs exceed 65504", async () => {
    const network = new Map(initial);
    for (const [name, { shape, data }] of initial) {
      if (!/^features\.[1-5]\.0\.weight$/.test(name)) continue;
      const scaled = Float32Array.from(data, (value) => 1e6 * Number(value));
      network.set(name, { shape, data: scaled });
    }
    const { statistics, state } = await twoSteps("f16", { network });
    assert.ok(Number.isFinite(statistics.loss));
    assert.ok(state.firstMoments.every(Number.isFinite));
    assert.ok(state.values.every(Number.isFinite));
  });
});

describeHalves("memory of activations in 16 bits", () => {
  it("is half for outputs, the same for scales and the input", () => {
    const gpu = deviceWith(Infinity);
    using single = new Activations(gpu, sdgmnet128, 8, "f32");
    const singleBytes = gpu.allocatedBytes;
    using half = new Activations(gpu, sdgmnet128, 8, "f16");
    const halfBytes = gpu.allocatedBytes - singleBytes;
    const outputBytes = single.layers.reduce(
      (sum, { x, y }) => sum + x.sizeBytes + y.sizeBytes,
      0,
    );
    assert.equal(halfBytes, singleBytes - outputBytes / 2);
    assert.ok(halfBytes < 0.52 * singleBytes);
    for (const [layer, { scale }] of half.layers.entries()) {
      assert.equal(scale.type, "f32");
      assert.equal(scale.sizeBytes, single.layers[layer].scale.sizeBytes);
    }
  });

  it("lets a budget hold nearly twice as many micro-batches", () => {
    const kept = (activations: ActivationType) => {
      const gpu = deviceWith(120 * 2 ** 20);
      using parameters = new NetworkParameters(gpu, sdgmnet128);
      using memory = NetworkMemory.allocate(gpu, parameters, {
        samples: 256,
        microBatchSamples: 8,
        backward: BackwardPass,
        activations,
      });
      assert.equal(memory.microBatchSamples, 8);
      return memory.activations.length;
    };
    const [single, half] = [kept("f32"), kept("f16")];
    assert.ok(half >= 1.8 * single, `${single} of 32 bits, ${half} of 16`);
  });
});
