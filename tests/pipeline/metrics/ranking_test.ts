import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { stableOrder } from "../../../pipeline/metrics/ranking.ts";
import { randomPairs } from "./random_pairs.ts";

describe("stableOrder", () => {
  it("sorts ascending and keeps equal distances in index order", () => {
    for (const count of [2, 3, 15, 16, 17, 31, 32, 33, 100, 1025]) {
      const { distances } = randomPairs(count, count, 7);
      const expected = Array.from(distances, (_, i) => i)
        .sort((a, b) => distances[a] - distances[b] || a - b);
      assert.deepEqual([...stableOrder(distances)], expected);
    }
  });

  it("leaves its argument alone and takes an empty list", () => {
    const distances = Float64Array.of(3, 1, 2);
    assert.deepEqual([...stableOrder(distances)], [1, 2, 0]);
    assert.deepEqual([...distances], [3, 1, 2]);
    assert.equal(stableOrder(new Float64Array(0)).length, 0);
  });
});
