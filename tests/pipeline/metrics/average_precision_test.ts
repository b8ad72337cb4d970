import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  stepAveragePrecision,
  trapezoidAveragePrecision,
} from "../../../pipeline/metrics/average_precision.ts";
import { assertClose } from "../../helpers/closeness.ts";
import { goldenPairs } from "./golden_pairs.ts";
import { randomPairs, shuffledPairs } from "./random_pairs.ts";

const ascending = (count: number) =>
  Float64Array.from({ length: count }, (_, i) => i);

describe("trapezoidAveragePrecision", () => {
  it("agrees with the independent implementation", () => {
    for (const golden of goldenPairs()) {
      const { distances, labels } = golden;
      const matches = labels.reduce((sum, label) => sum + label, 0);
      assertClose(
        trapezoidAveragePrecision(distances, labels).value,
        golden.trapezoidAp,
        1e-12,
      );
      assertClose(
        trapezoidAveragePrecision(distances, labels, matches + 7).value,
        golden.trapezoidApOfMore,
        1e-12,
      );
    }
  });

  it("has its closed form: match, non-match, match", () => {
    const labels = Uint8Array.of(1, 0, 1);
    const { value } = trapezoidAveragePrecision(ascending(3), labels);
    assertClose(value, (1 + 1) / 4 + (1 / 2 + 2 / 3) / 4, 1e-15);
  });

  it("is 1 for matches first, and counts matches that are not listed", () => {
    const labels = Uint8Array.of(1, 1, 0, 0);
    assert.equal(trapezoidAveragePrecision(ascending(4), labels).value, 1);
    assert.equal(
      trapezoidAveragePrecision(ascending(4), labels, 8).value,
      0.25,
    );
    assert.throws(
      () => trapezoidAveragePrecision(ascending(4), labels, 1),
      /2 matches in the list, 1 in all/,
    );
  });

  it("is 0 without a match", () => {
    const figure = trapezoidAveragePrecision(ascending(3), new Uint8Array(3));
    assert.deepEqual(figure, { value: 0, low: 0, high: 0 });
  });

  it("stays within the range over ties, which no permutation changes", () => {
    for (let seed = 0; seed < 20; seed++) {
      const pairs = randomPairs(seed, 60, 6);
      const figure = trapezoidAveragePrecision(pairs.distances, pairs.labels);
      const other = shuffledPairs(seed, pairs);
      const again = trapezoidAveragePrecision(other.distances, other.labels);
      assertClose([again.low, again.high], [figure.low, figure.high], 1e-12);
      for (const { value } of [figure, again]) {
        assert.ok(value >= figure.low - 1e-12 && value <= figure.high + 1e-12);
      }
      assert.ok(figure.high - figure.low > 0.01);
    }
  });

  it("grows when a match moves ahead of a non-match", () => {
    for (let seed = 0; seed < 20; seed++) {
      const { labels } = randomPairs(seed, 40, 40);
      const before = trapezoidAveragePrecision(ascending(40), labels).value;
      const at = labels.findIndex((label, i) =>
        label === 0 && labels[i + 1] === 1
      );
      const better = labels.slice();
      better[at] = 1;
      better[at + 1] = 0;
      const after = trapezoidAveragePrecision(ascending(40), better).value;
      assert.ok(after > before);
    }
  });
});

describe("stepAveragePrecision", () => {
  it("agrees with the independent implementation", () => {
    for (const { distances, labels, stepAp } of goldenPairs()) {
      assertClose(stepAveragePrecision(distances, labels).value, stepAp, 1e-12);
    }
  });

  it("is the mean precision at the matches", () => {
    const labels = Uint8Array.of(0, 1, 0, 1);
    const { value } = stepAveragePrecision(ascending(4), labels);
    assertClose(value, (1 / 2 + 2 / 4) / 2, 1e-15);
  });

  it("refuses labels that do not belong to the distances", () => {
    assert.throws(
      () => stepAveragePrecision(ascending(3), new Uint8Array(2)),
      /3 distances and 2 labels/,
    );
  });
});
