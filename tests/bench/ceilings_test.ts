import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { grantedMemory } from "../../gpu/memory_probe.ts";
import { expandShader } from "../../gpu/wgsl.ts";
import { heapDevice } from "../helpers/gpu/heap_device.ts";
import { ceilingWork, chainConstants, multiplyAddSource } from "./ceilings.ts";

const mebibyte = 2 ** 20;
const plenty = { totalBytes: 512 * mebibyte, pieceBytes: Infinity };

describe("the measurement of an adapter's ceilings", () => {
  it("pays its loop's counter once in 64 multiply-adds", () => {
    const text = expandShader(multiplyAddSource, {
      ...chainConstants,
      ROUNDS: 1,
    });
    const [, body] = /i < ROUNDS; i\+\+\) \{([^]*)var total/.exec(text)!;
    assert.equal(body.match(/fma\(/g)!.length, 64);
    assert.doesNotMatch(body, /for \(/);
  });

  it("asks a slow GPU for no more than a second in one dispatch", () => {
    for (const deviceClass of ["integrated", "discrete"] as const) {
      const { flops, threads, rounds } = ceilingWork(deviceClass, plenty);
      assert.equal(flops, threads * rounds * 64 * 8);
      assert.ok(flops <= 0.15e12);
    }
    assert.ok(ceilingWork("software", plenty).flops <= 3e9);
  });

  it("copies what is larger than caches, or what the driver grants", async () => {
    assert.equal(ceilingWork("discrete", plenty).copied, 2 ** 26);
    assert.equal(ceilingWork("software", plenty).copied, 2 ** 24);
    for (const heaps of [[8192, 246], [300]]) {
      const card = heapDevice(heaps.map((heap) => heap * mebibyte));
      const granted = await grantedMemory(card.device, 512 * mebibyte);
      const { copied } = ceilingWork("discrete", granted);
      assert.ok(copied >= 2 ** 24 && copied % 2048 === 0);
      assert.ok(4 * copied <= granted.pieceBytes);
      assert.ok(8 * copied <= granted.totalBytes);
    }
  });
});
