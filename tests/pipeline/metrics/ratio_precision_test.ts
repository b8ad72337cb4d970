import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { ratioAveragePrecision } from "../../../pipeline/metrics/ratio_precision.ts";

const labels = (...values: number[]) => Uint32Array.from(values);
const onLine = (...values: number[]) => ({
  values: Float32Array.from(values),
  dimension: 1,
});

describe("ratioAveragePrecision", () => {
  it("is 1 where every match is nearer than every other patch", () => {
    const precision = ratioAveragePrecision(
      onLine(0, 1, 10, 12, 30),
      labels(3, 3, 5, 5, 7),
    )!;
    assert.equal(precision.precision, 1);
  });

  it("ranks matches by their ratio, each as right only where it is not farther than the nearest other", () => {
    // Of the pairs (p, n) those of labels 0 and 1 are wrong: (2, 1) twice, (8, 1), (8, 7); those of label 2 right: (8, 11), (8, 19).
    const precision = ratioAveragePrecision(
      onLine(0, 1, 2, 9, 20, 28),
      labels(0, 1, 0, 1, 2, 2),
    )!;
    const ratios = [
      [1 / 2, 0],
      [1 / 2, 0],
      [1 / 8, 0],
      [7 / 8, 0],
      [8 / 11, 1],
      [8 / 19, 1],
    ].sort(([a], [b]) => a - b);
    let [right, sum] = [0, 0];
    ratios.forEach(([, isRight], at) => {
      right += isRight;
      sum += isRight * right / (at + 1);
    });
    assert.ok(Math.abs(precision.precision - sum / 2) < 1e-12);
  });

  it("is 0 where no match is right", () => {
    const precision = ratioAveragePrecision(
      onLine(0, 1, 9, 10),
      labels(0, 1, 0, 1),
    )!;
    assert.equal(precision.precision, 0);
  });

  it("says nothing of an image without a match, or with a single point", () => {
    assert.equal(
      ratioAveragePrecision(onLine(0, 1, 2), labels(0, 1, 2)),
      undefined,
    );
    assert.equal(ratioAveragePrecision(onLine(0, 1), labels(4, 4)), undefined);
  });
});
