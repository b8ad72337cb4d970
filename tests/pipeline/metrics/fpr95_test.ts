import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { fpr95 } from "../../../pipeline/metrics/fpr95.ts";
import { assertClose } from "../../helpers/closeness.ts";
import { goldenPairs } from "./golden_pairs.ts";
import { randomPairs, shuffledPairs } from "./random_pairs.ts";

describe("fpr95", () => {
  it("agrees with the independent implementation", () => {
    for (const golden of goldenPairs()) {
      const { value } = fpr95(golden.distances, golden.labels);
      assertClose(value, golden.fpr95, 1e-12);
    }
  });

  it("counts the non-matches before the match that reaches 95 %", () => {
    // 20 matches: the 19th reaches 0.95; two of four non-matches stand before it, one between it and the 20th.
    const labels = Uint8Array.from(
      [...Array(10).fill(1), 0, 0, ...Array(9).fill(1), 0, 1, 0],
    );
    const distances = Float64Array.from(labels, (_, i) => i);
    assert.deepEqual(fpr95(distances, labels), {
      value: 0.5,
      low: 0.5,
      high: 0.5,
    });
  });

  it("gives the best and the worst rate over the orders of tied pairs", () => {
    const labels = Uint8Array.of(1, 0, 1, 0);
    const figure = fpr95(new Float64Array(4), labels);
    assert.deepEqual(figure, { value: 0.5, low: 0, high: 1 });
    for (let seed = 0; seed < 20; seed++) {
      const pairs = randomPairs(seed, 50, 5);
      const { low, high } = fpr95(pairs.distances, pairs.labels);
      const other = shuffledPairs(seed, pairs);
      const again = fpr95(other.distances, other.labels);
      assert.deepEqual([again.low, again.high], [low, high]);
      assert.ok(again.value >= low && again.value <= high);
    }
  });

  it("refuses a list that lacks matches or non-matches", () => {
    assert.throws(
      () => fpr95(Float64Array.of(1, 2), Uint8Array.of(1, 1)),
      /2 matches and 0 non-matches/,
    );
    assert.throws(
      () => fpr95(Float64Array.of(1, 2), Uint8Array.of(0, 0)),
      /0 matches and 2 non-matches/,
    );
  });
});
