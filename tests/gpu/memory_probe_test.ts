import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openGpu } from "../../gpu/device.ts";
import { grantedMemory } from "../../gpu/memory_probe.ts";
import { Tensor } from "../../gpu/tensor.ts";
import { heapDevice } from "../helpers/gpu/heap_device.ts";

const mebibyte = 2 ** 20;
const gibibyte = 2 ** 30;

describe("grantedMemory", () => {
  it("counts what the device gives, up to what was asked for, and leaves it usable", async () => {
    using gpu = await openGpu();
    assert.deepEqual(await grantedMemory(gpu.device, 64 * mebibyte), {
      totalBytes: 64 * mebibyte,
      pieceBytes: Infinity,
    });
    using tensor = new Tensor(gpu, "after", [4]);
    assert.deepEqual([...await tensor.read()], [0, 0, 0, 0]);
    gpu.assertHealthy();
  });

  it("goes on with smaller pieces after a refusal, until the smallest is refused", async () => {
    using gpu = await openGpu();
    let asked = 0;
    // The software adapter grants more than the machine has, so the answers from the third on are put into its mouth.
    const refusing = new Proxy(gpu.device, {
      get(target, name) {
        if (name === "popErrorScope") {
          return async () =>
            await target.popErrorScope() ??
              (++asked >= 3 ? new GPUOutOfMemoryError("full") : null);
        }
        const value = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const { totalBytes } = await grantedMemory(refusing, 2 ** 34);
    assert.equal(totalBytes, 2 * 512 * mebibyte);
    // 512, 256, 128, 64, 32 and 16 MiB were refused.
    assert.equal(asked, 2 + 6);
  });

  it("finds nearly all of a card whose second heap is small, in pieces that fit that one", async () => {
    for (const smallMib of [246, 214]) {
      const card = heapDevice([8 * gibibyte, smallMib * mebibyte]);
      const { totalBytes, pieceBytes } = await grantedMemory(
        card.device,
        11 * gibibyte,
      );
      assert.equal(pieceBytes, 128 * mebibyte);
      assert.equal(card.largest(), pieceBytes);
      assert.ok(totalBytes < 0.97 * 8 * gibibyte);
      assert.ok(totalBytes >= 0.97 * 8 * gibibyte - 16 * mebibyte);
      assert.equal(card.used(), 0);
    }
  });

  it("knows no largest piece where only the memory came to its end", async () => {
    const { device } = heapDevice([4 * gibibyte]);
    const { totalBytes, pieceBytes } = await grantedMemory(device, gibibyte);
    assert.deepEqual([totalBytes, pieceBytes], [gibibyte, Infinity]);
    const whole = await grantedMemory(device, 11 * gibibyte);
    assert.ok(whole.totalBytes >= 0.97 * 4 * gibibyte - 16 * mebibyte);
    assert.equal(whole.pieceBytes, Infinity);
  });

  it("asks for no buffer that is larger than the device's limit", async () => {
    const card = heapDevice([gibibyte], 256 * mebibyte);
    await grantedMemory(card.device, 768 * mebibyte);
    assert.equal(card.largest(), 256 * mebibyte);
  });

  it("is granted nothing where even the smallest piece is refused", async () => {
    const { device } = heapDevice([8 * gibibyte, 16 * mebibyte]);
    assert.deepEqual(await grantedMemory(device, 11 * gibibyte), {
      totalBytes: 0,
      pieceBytes: 0,
    });
  });
});
