import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { sdgmnet128 } from "../../../gpu/nn/sdgmnet128.ts";
import type { ActivationType } from "../../../gpu/activation.ts";
import { openGpu } from "../../../gpu/device.ts";
import {
  DescriptorNetwork,
  type PatchSource,
} from "../../../gpu/nn/descriptor_network.ts";
import { openDescriptorNetwork } from "../../../gpu/nn/open_descriptor_network.ts";
import {
  assertNear,
  assertSameBits,
  withOtherTiles,
  withSameSums,
} from "../../helpers/gpu/gpu_op.ts";
import {
  describeHalves,
  halfRounding,
} from "../../helpers/gpu/half_precision.ts";
import { readStateOf } from "../../helpers/golden/inference_golden.ts";
import { goldenState } from "../../helpers/golden/network_golden.ts";
import { noisePatches } from "../../helpers/gpu/packed_bytes.ts";
import { resize64, resize65 } from "../../reference/resize_patch.ts";
import { networkForward } from "../../reference/sdgmnet128.ts";
import { zeros } from "../../reference/tensor.ts";

const gpu = await openGpu();
const state = goldenState();
const count = 11;

async function describePatches(
  source: PatchSource,
  patches: Uint8Array,
  batchSize: number,
  on = gpu,
  activations: ActivationType = "f32",
): Promise<Float32Array> {
  using network = DescriptorNetwork.create(on, sdgmnet128, state, {
    batchSize,
    activations,
  });
  return await network.describe(patches, source);
}

/** The float64 twin's descriptors of the twin's resized patches. */
function twin(source: PatchSource, patches: Uint8Array): Float64Array {
  const [resize, side, scale] = source === "phototour64"
    ? [resize64, 64, 255] as const
    : [resize65, 65, 1] as const;
  const inputs = zeros(count, 1, 32, 32);
  for (let n = 0; n < count; n++) {
    const patch = patches.subarray(n * side * side, (n + 1) * side * side);
    // The network reads binary32.
    inputs.data.set(
      Float32Array.from(resize(patch), (v) => v / scale),
      n * 1024,
    );
  }
  const activations = networkForward(state, inputs, { training: false });
  return activations.get("descriptors")!.data;
}

describeHalves("DescriptorNetwork in 16 bits", () => {
  it("gives descriptors that twelve roundings take from those of 32 bits, whatever the batch", async () => {
    const patches = noisePatches(count, 65, 3);
    // Small tiles compile in a fraction of the time.
    const on = withSameSums(gpu);
    const exact = await describePatches("hpatches65", patches, 16, on);
    const halves = await describePatches("hpatches65", patches, 16, on, "f16");
    const distances = Array.from({ length: count }, (_, n) =>
      Math.hypot(
        ...exact.subarray(n * 128, n * 128 + 128).map((value, c) =>
          value - halves[n * 128 + c]
        ),
      ));
    const largest = Math.max(...distances);
    assert.ok(largest > 0 && largest < 12 * halfRounding, String(largest));
    const others = await describePatches("hpatches65", patches, 5, on, "f16");
    assertSameBits("5", others, halves);
  });

  it("is refused for networks that this program does not train", () => {
    const options = { batchSize: 2, activations: "f16" } as const;
    const name = "TFeat";
    assert.throws(
      () => openDescriptorNetwork(gpu, readStateOf(name), options),
      { name: "GpuError", message: /TFeat: found activations in f16/ },
    );
  });
});

describe("DescriptorNetwork", () => {
  for (
    const [source, side] of [["phototour64", 64], ["hpatches65", 65]] as const
  ) {
    // The tenth patch is black.
    const patches = noisePatches(count, side, side);

    it(`gives the float64 twin's descriptors of ${source}`, async () => {
      const actual = await describePatches(source, patches, 16);
      const expected = twin(source, patches);
      assert.equal(actual.length, count * 128);
      actual.forEach((value, at) =>
        assert.ok(
          Math.abs(value - expected[at]) <= 1e-5,
          `[${at}] is ${value}, the twin has ${expected[at]}`,
        )
      );
    });

    it(`gives the same bits of ${source} for every batch size`, async () => {
      const whole = await describePatches(source, patches, 16);
      assertSameBits("8", await describePatches(source, patches, 8), whole);
      assertSameBits("5", await describePatches(source, patches, 5), whole);
    });
  }

  it("gives the same bits with every table of tiles whose sums run alike, and else what rounding leaves", async () => {
    const patches = noisePatches(count, 65, 3);
    const tiles = await describePatches("hpatches65", patches, 8);
    const by = (on: typeof gpu) =>
      describePatches("hpatches65", patches, 8, on);
    assertSameBits("descriptors", await by(withSameSums(gpu)), tiles);
    assertNear("descriptors", await by(withOtherTiles(gpu)), tiles);
  });

  it("goes on with what it has loaded, one call after the other", async () => {
    using network = DescriptorNetwork.create(gpu, sdgmnet128, state, {
      batchSize: 8,
    });
    const sets = [7, 1, 9].map((n) => noisePatches(n, 64, n));
    for (const patches of sets) {
      const again = await network.describe(patches, "phototour64");
      const fresh = await describePatches("phototour64", patches, 8);
      assertSameBits("descriptors", again, fresh);
    }
    const none = await network.describe(new Uint8Array(0), "phototour64");
    assert.equal(none.length, 0);
  });

  it("keeps the order of batches in flight", async () => {
    // Batches of one, more of them than are in flight at once.
    const patches = noisePatches(13, 64, 4);
    assertSameBits(
      "descriptors",
      await describePatches("phototour64", patches, 1),
      await describePatches("phototour64", patches, 16),
    );
  });

  it("hands batches over before the first is read back, a few at most", async () => {
    using own = await openGpu();
    using network = DescriptorNetwork.create(own, sdgmnet128, state, {
      batchSize: 8,
    });
    const { device } = own;
    const createBuffer = device.createBuffer.bind(device);
    let unread = 0;
    let most = 0;
    device.createBuffer = (descriptor) => {
      const buffer = createBuffer(descriptor);
      if ((descriptor.usage & GPUBufferUsage.MAP_READ) === 0) return buffer;
      const destroy = buffer.destroy.bind(buffer);
      most = Math.max(most, ++unread);
      buffer.destroy = () => {
        unread--;
        destroy();
      };
      return buffer;
    };
    await network.describe(noisePatches(80, 64, 6), "phototour64");
    assert.equal(unread, 0);
    assert.ok(most > 1 && most <= 4, `${most} read-backs at once`);
  });

  it("fails as the device does, with batches in flight", async () => {
    using own = await openGpu();
    using network = DescriptorNetwork.create(own, sdgmnet128, state, {
      batchSize: 8,
    });
    const described = network.describe(noisePatches(40, 64, 7), "phototour64");
    own.device.destroy();
    await assert.rejects(described, { name: "GpuError" });
  });

  it("reads patches that begin at any byte", async () => {
    const patches = noisePatches(3, 65, 5);
    const shifted = new Uint8Array(patches.length + 1);
    shifted.set(patches, 1);
    assertSameBits(
      "descriptors",
      await describePatches("hpatches65", shifted.subarray(1), 8),
      await describePatches("hpatches65", patches, 8),
    );
  });

  it("refuses a budget that does not hold it", async () => {
    using small = await openGpu({ memoryMib: 8 });
    assert.throws(
      () =>
        DescriptorNetwork.create(small, sdgmnet128, state, { batchSize: 16 }),
      (error: Error) => {
        assert.equal(error.name, "GpuError");
        assert.match(
          error.message,
          /^Cannot allocate .+: found \d+ MiB needed, wanted at most 8 MiB; raise gpu\.memory_mib or lower batch_size$/,
        );
        return true;
      },
    );
  });
});
