import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { RandomStream } from "../../../data/random.ts";
import {
  DescriptorNetwork,
  type Gpu,
  initialWeights,
  networks,
  openGpu,
} from "../../../gpu/mod.ts";
import { tilesOfClass } from "../../../gpu/tiles.ts";

/** Opens a device with what every implementation of WebGPU has: no limit above the least, no feature. */
async function openLeast(): Promise<Gpu> {
  const { prototype } = GPUAdapter;
  const requestDevice = prototype.requestDevice;
  prototype.requestDevice = function (this: GPUAdapter) {
    return requestDevice.call(this);
  };
  try {
    return await openGpu();
  } finally {
    prototype.requestDevice = requestDevice;
  }
}

async function describeWith(
  gpu: Gpu,
  patches: Uint8Array,
): Promise<Float32Array> {
  const architecture = networks.SDGMNet128;
  using network = DescriptorNetwork.create(
    gpu,
    architecture,
    initialWeights(architecture, 5),
    { batchSize: 256 },
  );
  const descriptors = await network.describe(patches, "phototour64");
  gpu.assertHealthy();
  return descriptors;
}

describe("a device with WebGPU's default limits", () => {
  const stream = new RandomStream(2, "default limits");
  const patches = Uint8Array.from(
    { length: 40 * 64 * 64 },
    () => stream.integer(256),
  );

  it("describes in full batches what any other device does", async () => {
    using other = await openGpu();
    const wanted = await describeWith(other, patches);
    using gpu = await openLeast();
    const { limits } = gpu.device;
    assert.equal(limits.maxStorageBufferBindingSize, 2 ** 27);
    assert.equal(limits.maxStorageBuffersPerShaderStage, 8);
    assert.equal(limits.maxComputeInvocationsPerWorkgroup, 256);
    assert.deepEqual(await describeWith(gpu, patches), wanted);
  });

  it("has room for the workgroups of every class of device", () => {
    for (const { group } of Object.values(tilesOfClass)) {
      assert.ok(group <= 256, `${group}`);
    }
  });
});
