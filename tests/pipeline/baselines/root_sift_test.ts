import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  rootSift,
  rootSiftDimension,
} from "../../../pipeline/baselines/root_sift.ts";
import { assertClose } from "../../helpers/closeness.ts";
import { referenceSift } from "./reference_sift.ts";
import { mapped, randomPatch } from "./patches.ts";

function referenceRootSift(patch: Uint8Array, side: number): number[] {
  const values = referenceSift(patch, side);
  const total = values.reduce((sum, value) => sum + value);
  return values.map((value) => Math.sqrt(value / total));
}

describe("rootSift", () => {
  it("agrees with a sum over all pixels for every bin", () => {
    for (const side of [65, 64, 31]) {
      const patch = randomPatch(side, side);
      const expected = referenceRootSift(patch, side);
      assertClose([...rootSift(patch, side)], expected, 1e-5);
    }
  });

  it("has length 1 and no negative value", () => {
    const described = rootSift(randomPatch(3, 65), 65);
    assert.equal(described.length, rootSiftDimension);
    assertClose(Math.hypot(...described), 1, 1e-6);
    assert.ok(described.every((value) => value >= 0));
  });

  it("does not see brightness and contrast", () => {
    const patch = randomPatch(4, 65);
    const brighter = mapped(patch, (value) => value + 40);
    assert.deepEqual(rootSift(brighter, 65), rootSift(patch, 65));
    const low = mapped(patch, (value) => value & ~1);
    const half = mapped(low, (value) => value / 2);
    assertClose([...rootSift(half, 65)], [...rootSift(low, 65)], 1e-5);
  });

  it("turns its bins with the patch", () => {
    const side = 65;
    const patch = randomPatch(5, side);
    // A quarter turn: what was at (x, y) goes to (side − 1 − y, x), and gradients turn from x towards y.
    const turned = new Uint8Array(patch.length);
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        turned[x * side + side - 1 - y] = patch[y * side + x];
      }
    }
    const before = rootSift(patch, side);
    const after = rootSift(turned, side);
    for (let row = 0; row < 4; row++) {
      for (let column = 0; column < 4; column++) {
        for (let bin = 0; bin < 8; bin++) {
          const from = before[(row * 4 + column) * 8 + bin];
          const to = after[(column * 4 + 3 - row) * 8 + (bin + 2) % 8];
          assertClose(to, from, 1e-5);
        }
      }
    }
  });

  it("puts a ramp to the right into orientation 0 alone", () => {
    const ramp = Uint8Array.from({ length: 65 * 65 }, (_, i) => 3 * (i % 65));
    rootSift(ramp, 65).forEach((value, i) => {
      assert.equal(value > 0, i % 8 === 0);
    });
  });

  it("describes a patch without gradient as zeros, and each patch on its own", () => {
    const both = new Uint8Array(2 * 65 * 65).fill(9);
    both.set(randomPatch(6, 65), 65 * 65);
    const described = rootSift(both, 65);
    assert.ok(described.subarray(0, 128).every((value) => value === 0));
    assert.deepEqual(described.subarray(128), rootSift(randomPatch(6, 65), 65));
  });

  it("refuses bytes that are no whole number of patches", () => {
    assert.throws(() => rootSift(new Uint8Array(100), 65), /100 bytes/);
  });
});
