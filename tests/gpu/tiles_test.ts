import assert from "node:assert/strict";
import { BackwardPass } from "../../gpu/nn/training/backward_pass.ts";
import { describe, it } from "@std/testing/bdd";
import { reversed } from "../../gpu/convolution.ts";
import { type Gpu, openGpu } from "../../gpu/device.ts";
import { Network } from "../../gpu/nn/network.ts";
import { sdgmnet128 } from "../../gpu/nn/sdgmnet128.ts";
import { Recorder } from "../../gpu/recorder.ts";
import { groupThatDivides, tileOf, tilesOfClass } from "../../gpu/tiles.ts";
import { toBlocks } from "../helpers/gpu/descriptor_batch.ts";
import {
  assertNear,
  assertSameBits,
  exactTensor,
  withOtherTiles,
  withSameSums,
} from "../helpers/gpu/gpu_op.ts";
import { goldenState } from "../helpers/golden/network_golden.ts";
import { parametersOf } from "../helpers/gpu/network_on_gpu.ts";

const gpu = await openGpu();
const samples = 7;
const patches = Float32Array.from(
  exactTensor("patches", [samples, 32, 32], 0).data,
);
const probe = Float32Array.from(exactTensor("probe", [samples, 128]).data);

/** One training pass of the whole network. */
async function pass(on: Gpu) {
  using parameters = parametersOf(on, goldenState());
  using recorder = new Recorder(on);
  using network = new Network(on, parameters, {
    samples: 8,
    backward: BackwardPass,
  });
  const mode = {
    training: true as const,
    dropoutRate: 0.3,
    stream: { a: 1, b: 2, c: 3 },
  };
  network.patches.write(patches);
  network.descriptorGradient.write(toBlocks(probe));
  network.forward(recorder, samples, mode);
  network.backward(recorder, samples, mode);
  recorder.submit();
  return {
    descriptors: await network.descriptors.readFloats(),
    gradients: await network.gradients.readFloats(),
    running: await parameters.running.readFloats(),
  };
}

describe("tilesOfClass", () => {
  it("divides every layer of the network", () => {
    for (
      const { conv3x3, conv3x3_transposed, conv3x3_weight_gradient } of Object
        .values(tilesOfClass)
    ) {
      for (const { size, stride, inputChannels } of sdgmnet128.body) {
        if (inputChannels === 1) continue;
        const [rows, columns] = conv3x3;
        assert.equal(size % rows + size % columns, 0);
        if (stride === 2) {
          const [above, across] = conv3x3_transposed;
          assert.equal(size % above + size % across, 0);
        }
      }
      assert.equal(3 % conv3x3_weight_gradient[0], 0);
    }
  });

  it("has Winograd's method on the software adapter alone", () => {
    const { software, ...others } = tilesOfClass;
    const shape = reversed(sdgmnet128.body[1]);
    const { size } = tileOf(software, "winograd_product", shape);
    assert.equal(size, software.winograd?.winograd_product);
    for (const tiles of Object.values(others)) {
      assert.throws(() => tileOf(tiles, "winograd_product", shape), {
        name: "GpuError",
        message: /found a device whose gradients of stride 1 are direct sums/,
      });
    }
  });

  it("changes no more than the order of the head's sums rounds, and nothing where that is the same", async () => {
    const own = await pass(gpu);
    assert.ok(own.gradients.some((value) => value !== 0));
    const sameOrder = await pass(withSameSums(gpu));
    const otherOrder = await pass(withOtherTiles(gpu));
    for (const name of ["descriptors", "gradients", "running"] as const) {
      assertSameBits(name, sameOrder[name], own[name]);
      assertNear(name, otherOrder[name], own[name]);
    }
  });
});

describe("groupThatDivides", () => {
  it("is the largest number of threads that leaves none over", () => {
    for (
      const [threads, most, group] of [
        [128, 64, 64],
        [12, 64, 4],
        [12, 8, 4],
        [3, 8, 1],
        [64, 8, 8],
        [192, 64, 64],
      ]
    ) {
      assert.equal(groupThatDivides(threads, most), group);
    }
  });
});
