import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  architecture,
  type ArchitectureDescription,
} from "../../../gpu/nn/architecture.ts";
import { openGpu } from "../../../gpu/device.ts";
import { GpuError } from "../../../gpu/errors.ts";
import { DescriptorNetwork } from "../../../gpu/nn/descriptor_network.ts";
import { initialWeights } from "../../../gpu/nn/initial_weights.ts";
import { requireNetwork } from "../../../gpu/nn/network_state.ts";
import { networks } from "../../../gpu/nn/networks.ts";
import { parameterTable } from "../../../gpu/nn/parameter_table.ts";
import { recognizeNetwork } from "../../../gpu/nn/recognize_network.ts";
import { sdgmnet128 } from "../../../gpu/nn/sdgmnet128.ts";
import { Trainer } from "../../../gpu/nn/training/trainer.ts";
import { forwardMultiplyAdds } from "../../bench/network_flops.ts";
import { stage1 } from "../../helpers/gpu/descriptor_loss.ts";
import { assertSameBits } from "../../helpers/gpu/gpu_op.ts";
import { smallNetwork } from "../../helpers/gpu/small_network.ts";
import { stepOptions, stripedBatch } from "../../helpers/gpu/training_batch.ts";

const gpu = await openGpu();

describe("architecture", () => {
  it("has the published size of SDGMNet128 and its cost", () => {
    const { entries } = parameterTable(sdgmnet128);
    let parameters = 0;
    for (const { size } of entries.values()) parameters += size;
    assert.equal(parameters, 1_336_355);
    assert.equal(forwardMultiplyAdds(sdgmnet128), 39_092_224);
  });

  it("is refused where there are no kernels for it, naming the place", () => {
    const [first, second, third] = smallNetwork.body;
    const cases: [Partial<ArchitectureDescription>, string][] = [
      [
        { body: [{ ...first, outputChannels: 20 }, second, third] },
        "channels of first.conv: found 20, wanted a multiple of 32",
      ],
      [
        { body: [{ ...first, stride: 2 }, third] },
        "stride of first.conv: found 2, wanted 1",
      ],
      [
        { body: [first, second] },
        "rows and columns after the body: found 16, wanted the 8 that the head reads",
      ],
      [{ body: [] }, "body: found 0, wanted at least 1 convolution"],
    ];
    for (const [change, message] of cases) {
      assert.throws(
        () => architecture({ ...smallNetwork, ...change }),
        (error) =>
          error instanceof GpuError &&
          error.message === `Cannot lay out Small: ${message}`,
      );
    }
  });

  it("gives every trained tensor a place of its own, the decayed ones first", () => {
    for (const network of [sdgmnet128, smallNetwork]) {
      const { entries, flatSize, decayedSize } = parameterTable(network);
      let free = 0;
      for (const { name, offset, size } of entries.values()) {
        assert.ok(offset >= free && offset % 64 === 0, name);
        assert.equal(offset >= decayedSize, name.endsWith(".bias"), name);
        free = offset + size;
      }
      assert.ok(free <= flatSize);
    }
  });
});

describe("recognizeNetwork", () => {
  it("knows every network by its tensors", () => {
    for (const network of Object.values(networks)) {
      assert.equal(recognizeNetwork(initialWeights(network, 1)), network);
    }
  });

  it("refuses a network that lacks a tensor by that tensor", () => {
    const state = initialWeights(sdgmnet128, 1);
    state.delete("features.0.2.weight");
    assert.throws(
      () => recognizeNetwork(state),
      /Cannot load a network: features\.0\.2\.weight: found no such tensor, wanted \[32, 1, 3, 3\]; use a checkpoint of SDGMNet128$/,
    );
  });

  it("refuses tensors of no network, naming those that there are", () => {
    assert.throws(
      () => recognizeNetwork(initialWeights(smallNetwork, 1)),
      /Cannot load a network: first\.conv\.weight: found tensors of no network that is known here, wanted a checkpoint of SDGMNet128, HardNet, SOSNet, L2Net, TFeat, TFeat without InstanceNorm$/,
    );
  });
});

describe("a second architecture", () => {
  const batch = stripedBatch(8, 2, 1);
  const initial = initialWeights(smallNetwork, 5);
  const plainTriplet = { ...stage1, kind: "tripletMargin_o" as const };

  /** Thirty steps, on a device with a budget in MiB or none. */
  async function train(memoryMib: number) {
    using on = await openGpu({ memoryMib });
    using trainer = new Trainer(on, {
      architecture: smallNetwork,
      initial,
      teacher: "self",
      samples: 16,
      classes: 8,
    });
    const losses: number[] = [];
    for (let step = 0; step < 30; step++) {
      trainer.step(batch, stepOptions(step, { loss: plainTriplet }));
      losses.push((await trainer.readStatistics()).loss);
    }
    const { patches } = batch;
    return {
      losses,
      state: await trainer.network(),
      values: (await trainer.state()).values,
      descriptors: await trainer.describe(patches),
      peakMib: on.peakBytes / 2 ** 20,
    };
  }

  it("is trained, saved and used by its description alone, whatever the micro-batches", async () => {
    const whole = await train(0);
    const { losses, state } = whole;
    assert.ok(losses.every(Number.isFinite));
    const sumOf = (some: number[]) => some.reduce((sum, loss) => sum + loss);
    const [first, last] = [losses.slice(0, 10), losses.slice(-10)].map(sumOf);
    assert.ok(last < 0.9 * first, `from ${first} to ${last}`);
    requireNetwork(smallNetwork, state);
    using network = DescriptorNetwork.create(gpu, smallNetwork, state, {
      batchSize: 16,
    });
    const described = await network.describe(batch.patches, "phototour64");
    assertSameBits("descriptors", described, whole.descriptors);
    const length = Math.hypot(...described.subarray(0, 128));
    assert.ok(Math.abs(length - 1) < 1e-5);

    const small = await train(Math.ceil(whole.peakMib) - 2);
    assert.ok(small.peakMib < whole.peakMib);
    assertSameBits("parameters", small.values, whole.values);
  });
});
