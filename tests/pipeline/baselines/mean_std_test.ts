import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  meanStd,
  meanStdDimension,
} from "../../../pipeline/baselines/mean_std.ts";

describe("meanStd", () => {
  it("has its closed form, patch by patch", () => {
    const patches = new Uint8Array(2 * 64 * 64).fill(10);
    // Half the pixels 60, half 100: mean 80, deviation 20.
    patches.fill(60, 64 * 64, 64 * 96);
    patches.fill(100, 64 * 96);
    assert.deepEqual([...meanStd(patches, 64)], [10, 0, 80, 20]);
    assert.equal(meanStdDimension, 2);
  });

  it("stays exact at the ends of the range", () => {
    const patch = Uint8Array.from({ length: 65 * 65 }, (_, i) => i % 2 * 255);
    const [mean, deviation] = meanStd(patch, 65);
    const share = 2112 / 4225;
    assert.equal(mean, Math.fround(255 * share));
    assert.ok(
      Math.abs(deviation - 255 * Math.sqrt(share * (1 - share))) < 1e-5,
    );
  });

  it("refuses bytes that are no whole patches", () => {
    assert.throws(() => meanStd(new Uint8Array(10), 65), RangeError);
  });
});
