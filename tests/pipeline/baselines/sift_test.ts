import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { sift, siftDimension } from "../../../pipeline/baselines/sift.ts";
import { rootSift } from "../../../pipeline/baselines/root_sift.ts";
import { assertClose } from "../../helpers/closeness.ts";
import { mapped, randomPatch } from "./patches.ts";
import { referenceSift } from "./reference_sift.ts";

describe("sift", () => {
  it("agrees with a sum over all pixels for every bin", () => {
    for (const side of [65, 64, 31]) {
      const patch = randomPatch(side, side);
      assertClose([...sift(patch, side)], referenceSift(patch, side), 1e-5);
    }
  });

  it("has length 1, and RootSIFT is its root after L1 normalisation", () => {
    const patch = randomPatch(4, 65);
    const described = sift(patch, 65);
    assert.equal(described.length, siftDimension);
    assertClose(Math.hypot(...described), 1, 1e-6);
    const total = described.reduce((sum, value) => sum + value);
    assertClose(
      [...rootSift(patch, 65)],
      [...described].map((value) => Math.sqrt(value / total)),
      1e-6,
    );
  });

  it("does not see a change of brightness", () => {
    const patch = randomPatch(5, 65);
    const brighter = mapped(patch, (value) => value + 20);
    assertClose([...sift(brighter, 65)], [...sift(patch, 65)], 1e-6);
  });

  it("is zero without a gradient, patch by patch", () => {
    const patches = new Uint8Array(2 * 65 * 65).fill(7);
    patches.set(randomPatch(6, 65), 65 * 65);
    const described = sift(patches, 65);
    assert.ok(described.subarray(0, 128).every((value) => value === 0));
    assert.deepEqual(described.subarray(128), sift(randomPatch(6, 65), 65));
  });

  it("refuses bytes that are no whole patches", () => {
    assert.throws(() => sift(new Uint8Array(10), 65), RangeError);
  });
});
