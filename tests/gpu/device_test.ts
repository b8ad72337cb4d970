import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Gpu, openGpu } from "../../gpu/device.ts";
import { Recorder } from "../../gpu/recorder.ts";
import { Tensor } from "../../gpu/tensor.ts";

/** What a child process without any Vulkan driver prints when it opens the GPU. */
async function openWithoutDriver(): Promise<string> {
  const url = new URL("../../gpu/device.ts", import.meta.url);
  const code = `import { openGpu } from ${JSON.stringify(url.href)};
    try {
      console.log("opened", (await openGpu()).adapter.description);
    } catch (error) {
      console.log(error.name + ": " + error.message);
    }`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", code],
    env: {
      DENO_WEBGPU_BACKEND: "vulkan,metal,dx12",
      VK_DRIVER_FILES: "/nonexistent",
      VK_ICD_FILENAMES: "/nonexistent",
    },
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout).trim();
}

async function failureOf(act: () => unknown): Promise<Error> {
  try {
    await act();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

function assertLost(gpu: Gpu, failure: Error) {
  assert.equal(failure.name, "GpuError");
  assert.match(
    failure.message,
    /^Cannot run on the GPU: .+: found the device was lost \(.+\); run the same command again: work resumes at the last checkpoint$/,
  );
  assert.ok(failure.message.includes(gpu.adapter.description));
}

describe("openGpu", () => {
  it("describes the adapter and has room for the network's tensors", async () => {
    using gpu = await openGpu();
    assert.notEqual(gpu.adapter.description, "");
    assert.match(gpu.adapter.deviceClass, /^(software|integrated|discrete)$/);
    if (/llvmpipe/.test(gpu.adapter.description)) {
      assert.equal(gpu.adapter.deviceClass, "software");
    }
    assert.equal(gpu.budgetBytes, Infinity);
    const { limits } = gpu.device;
    const bindingBytes = limits.maxStorageBufferBindingSize;
    assert.ok(bindingBytes >= 128 * 2 ** 20 && bindingBytes < 2 ** 31);
    assert.ok(limits.maxStorageBuffersPerShaderStage >= 8);
    gpu.assertHealthy();
  });

  // A Vulkan loader's variables reach no other system's drivers; on Dawn there is no Deno to ask.
  if (globalThis.Deno?.build.os === "linux") {
    it("says in one line what to install when there is no adapter", async () => {
      assert.equal(
        await openWithoutDriver(),
        "GpuError: Cannot open a GPU: found no WebGPU adapter, wanted a Vulkan, Metal or Direct3D 12 driver; " +
          "install the GPU's driver, or the software one: apt-get install mesa-vulkan-drivers libvulkan1",
      );
    });
  }
});

describe("a lost device", () => {
  it("is a GpuError of the read-back that meets it", async () => {
    using gpu = await openGpu();
    const tensor = new Tensor(gpu, "t", [4]);
    gpu.device.destroy();
    const failure = await failureOf(() => tensor.read());
    assertLost(gpu, failure);
    assert.equal(await failureOf(() => tensor.read()), failure);
    assert.throws(() => gpu.assertHealthy(), failure);
  });

  it("is a GpuError of the next submit", async () => {
    using gpu = await openGpu();
    const tensor = new Tensor(gpu, "t", [4]);
    const recorder = new Recorder(gpu);
    recorder.clear(tensor);
    gpu.device.destroy();
    await gpu.device.lost;
    assertLost(gpu, await failureOf(() => recorder.submit()));
  });

  it("is no failure when it was closed on purpose", async () => {
    const gpu = await openGpu();
    const tensor = new Tensor(gpu, "t", [4]);
    gpu[Symbol.dispose]();
    await gpu.device.lost;
    gpu.assertHealthy();
    const failure = await failureOf(() => tensor.read());
    assert.equal(failure.name, "GpuError");
    assert.match(
      failure.message,
      /^Cannot read t back: .*, wanted a device that answers$/,
    );
  });
});
