import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openGpu } from "../../gpu/device.ts";
import { grantedBytes } from "../../gpu/memory_probe.ts";
import { Tensor } from "../../gpu/tensor.ts";

describe("grantedBytes", () => {
  it("counts what the device gives, up to what was asked for, and leaves it usable", async () => {
    using gpu = await openGpu();
    const mebibyte = 2 ** 20;
    assert.equal(await grantedBytes(gpu.device, 64 * mebibyte), 64 * mebibyte);
    using tensor = new Tensor(gpu, "after", [4]);
    assert.deepEqual([...await tensor.read()], [0, 0, 0, 0]);
    gpu.assertHealthy();
  });

  it("stops at the first refusal", async () => {
    using gpu = await openGpu();
    let asked = 0;
    // The software adapter grants more than the machine has, so the third answer is put into its mouth.
    const refusing = new Proxy(gpu.device, {
      get(target, name) {
        if (name === "popErrorScope") {
          return async () =>
            await target.popErrorScope() ??
              (++asked === 3 ? new GPUOutOfMemoryError("full") : null);
        }
        const value = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    assert.equal(await grantedBytes(refusing, 2 ** 34), 2 * 512 * 2 ** 20);
  });
});
