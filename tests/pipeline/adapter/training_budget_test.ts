import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { DeviceClass } from "../../../gpu/device_class.ts";
import type { Gpu } from "../../../gpu/mod.ts";
import { setTrainingBudget } from "../../../pipeline/adapter/training_budget.ts";
import { heapDevice } from "../../helpers/gpu/heap_device.ts";

const mebibyte = 2 ** 20;
const gibibyte = 2 ** 30;

/** What is set on a device of a class with such heaps, where so much of the system's memory is free. */
async function budget(
  deviceClass: DeviceClass,
  heaps: number[],
  freeBytes: number,
  configured = Infinity,
) {
  const { device, used } = heapDevice(heaps);
  const gpu = {
    device,
    adapter: { deviceClass },
    budgetBytes: configured,
    largestBufferBytes: Infinity,
  } as Gpu;
  await setTrainingBudget(gpu, () => freeBytes);
  assert.equal(used(), 0);
  const { budgetBytes, largestBufferBytes } = gpu;
  return { budgetBytes, largestBufferBytes };
}

describe("the budget of a training", () => {
  it("is three quarters of what a card grants, also where that is in small pieces", async () => {
    const small = 246 * mebibyte;
    const found = await budget("discrete", [8 * gibibyte, small], gibibyte);
    assert.ok(found.budgetBytes > 5.8 * gibibyte);
    assert.ok(found.budgetBytes < 0.75 * 8 * gibibyte);
    assert.equal(found.largestBufferBytes, 128 * mebibyte);
  });

  it("is what the largest training takes at most", async () => {
    const { budgetBytes } = await budget("discrete", [80 * gibibyte], gibibyte);
    assert.ok(budgetBytes > 7.8 * gibibyte && budgetBytes <= 8 * gibibyte);
    const software = await budget("software", [0], 64 * gibibyte);
    assert.equal(software.budgetBytes, 8 * gibibyte);
  });

  it("is half of the system's free memory where an adapter has no other, whatever it grants", async () => {
    const free = 5 * gibibyte;
    for (const heaps of [[80 * gibibyte], [6 * gibibyte]]) {
      const { budgetBytes } = await budget("integrated", heaps, free);
      assert.ok(budgetBytes <= free / 2);
      assert.ok(budgetBytes > free / 2 - 0.5 * gibibyte);
    }
    const software = await budget("software", [0], free);
    assert.equal(software.budgetBytes, free / 2);
  });

  it("stays what the config says, but the driver is asked for its largest buffer", async () => {
    const small = 246 * mebibyte;
    for (
      const [deviceClass, largest] of [
        ["discrete", 128 * mebibyte],
        ["integrated", 128 * mebibyte],
        ["software", Infinity],
      ] as const
    ) {
      const heaps = [8 * gibibyte, small];
      assert.deepEqual(
        await budget(deviceClass, heaps, gibibyte, 3 * gibibyte),
        { budgetBytes: 3 * gibibyte, largestBufferBytes: largest },
      );
    }
  });

  it("is less on an integrated GPU that grants less", async () => {
    const found = await budget("integrated", [2 * gibibyte], 32 * gibibyte);
    assert.ok(found.budgetBytes < 0.75 * 2 * gibibyte);
  });
});
