import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { trapezoidAveragePrecision } from "../../../pipeline/metrics/average_precision.ts";
import { rocArea } from "../../../pipeline/metrics/roc.ts";
import {
  sortMatches,
  verificationFigures,
} from "../../../pipeline/metrics/verification.ts";
import { assertClose } from "../../helpers/closeness.ts";
import { randomPairs } from "./random_pairs.ts";

/** The benchmark's stack: non-matches on top of matches. */
function stacked(matching: Float64Array, nonMatching: Float64Array) {
  return {
    distances: Float64Array.of(...nonMatching, ...matching),
    labels: Uint8Array.of(
      ...new Uint8Array(nonMatching.length),
      ...new Uint8Array(matching.length).fill(1),
    ),
  };
}

describe("verificationFigures", () => {
  it("equals the curves of the whole stack and of its first P + int(0.2 P) rows", () => {
    for (const levels of [4, 30, 1 << 30]) {
      for (const count of [5, 23, 140]) {
        const matching = randomPairs(count, count, levels).distances;
        const nonMatching = randomPairs(count + 1, count, levels).distances;
        const figures = verificationFigures(sortMatches(matching), nonMatching);
        const stack = stacked(matching, nonMatching);
        const rows = count + Math.trunc(count * 0.2);
        assertClose(
          figures.auc,
          rocArea(stack.distances, stack.labels),
          1e-12,
        );
        assertClose(
          figures.ap,
          trapezoidAveragePrecision(
            stack.distances.slice(0, rows),
            stack.labels.slice(0, rows),
          ),
          1e-12,
        );
      }
    }
  });

  it("keeps the first fifth of the matches in file order, not the nearest", () => {
    const nonMatching = Float64Array.of(2, 2, 2, 2, 2);
    const farFirst = Float64Array.of(3, 1, 1, 1, 1);
    const nearFirst = Float64Array.of(1, 1, 1, 1, 3);
    assert.equal(
      verificationFigures(sortMatches(nearFirst), nonMatching).ap.value,
      1,
    );
    assertClose(
      verificationFigures(sortMatches(farFirst), nonMatching).ap.value,
      (1e-10 / 5 + 1 / 6) / 2,
      1e-12,
    );
  });

  it("puts non-matches first when all distances are equal", () => {
    const figures = verificationFigures(
      sortMatches(new Float64Array(10)),
      new Float64Array(10),
    );
    assert.deepEqual(figures.auc, { value: 0, low: 0, high: 1 });
    assert.equal(figures.ap.high, 1);
    assert.ok(figures.ap.value < 0.2);
  });

  it("leaves the given arrays in file order", () => {
    const matching = Float64Array.of(3, 1, 2);
    verificationFigures(sortMatches(matching), Float64Array.of(9, 8));
    assert.deepEqual([...matching], [3, 1, 2]);
  });
});
