import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { pixels, pixelsDimension } from "../../../pipeline/baselines/pixels.ts";
import { assertClose } from "../../helpers/closeness.ts";
import { mapped, randomPatch } from "./patches.ts";

describe("pixels", () => {
  it("averages blocks of 4 × 4 of a 64-pixel patch, mean 0 and deviation 1", () => {
    const patch = randomPatch(1, 64);
    const averages = Array.from({ length: pixelsDimension }, (_, cell) => {
      let sum = 0;
      for (let i = 0; i < 16; i++) {
        const y = 4 * Math.floor(cell / 16) + Math.floor(i / 4);
        sum += patch[y * 64 + 4 * (cell % 16) + i % 4];
      }
      return sum / 16;
    });
    const mean = averages.reduce((sum, value) => sum + value) / 256;
    const variance = averages.reduce(
      (sum, value) => sum + (value - mean) ** 2 / 256,
      0,
    );
    const expected = averages.map((value) =>
      (value - mean) / Math.sqrt(variance)
    );
    assertClose([...pixels(patch, 64)], expected, 1e-5);
  });

  it("shares the pixels between cells by area in a 65-pixel patch", () => {
    // One white pixel per run of 13: cell borders lie at multiples of 65/16 = 4.0625.
    for (const at of [0, 4, 8, 13, 32, 52, 64]) {
      const patch = new Uint8Array(65 * 65);
      for (let y = 0; y < 65; y++) patch[y * 65 + at] = 255;
      const overlap = (cell: number) =>
        Math.max(
          0,
          Math.min((cell + 1) * 65 / 16, at + 1) - Math.max(cell * 65 / 16, at),
        );
      const columns = Array.from({ length: 16 }, (_, cell) => overlap(cell));
      const mean = 1 / 16;
      const variance = columns.reduce(
        (sum, x) => sum + (x - mean) ** 2 / 16,
        0,
      );
      const expected = columns.map((x) => (x - mean) / Math.sqrt(variance));
      const described = pixels(patch, 65);
      assertClose([...described.subarray(0, 16)], expected, 1e-4);
      assertClose([...described.subarray(240)], expected, 1e-4);
    }
  });

  it("does not see brightness and contrast", () => {
    const patch = randomPatch(2, 65);
    const dim = mapped(patch, (value) => value - 30);
    assertClose([...pixels(dim, 65)], [...pixels(patch, 65)], 1e-5);
    const low = mapped(patch, (value) => value & ~1);
    const half = mapped(low, (value) => value / 2);
    assertClose([...pixels(half, 65)], [...pixels(low, 65)], 1e-5);
  });

  it("describes a patch without contrast as zeros", () => {
    for (const side of [64, 65]) {
      for (const value of [0, 77, 255]) {
        const patch = new Uint8Array(side * side).fill(value);
        assert.ok(pixels(patch, side).every((x) => x === 0));
      }
    }
  });

  it("describes each patch on its own", () => {
    const both = new Uint8Array(2 * 64 * 64);
    both.set(randomPatch(1, 64));
    both.set(randomPatch(2, 64), 64 * 64);
    const described = pixels(both, 64);
    assert.deepEqual(described.subarray(256), pixels(randomPatch(2, 64), 64));
  });

  it("refuses bytes that are no whole number of patches", () => {
    assert.throws(() => pixels(new Uint8Array(100), 64), /100 bytes/);
  });
});
