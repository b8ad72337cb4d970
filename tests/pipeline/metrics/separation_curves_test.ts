import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { RandomStream } from "../../../data/random.ts";
import { trapezoidAveragePrecision } from "../../../pipeline/metrics/average_precision.ts";
import { rocArea } from "../../../pipeline/metrics/roc.ts";
import {
  type Line,
  separationCurves,
} from "../../../pipeline/metrics/separation_curves.ts";
import { assertClose } from "../../helpers/closeness.ts";

function area({ x, y }: Line): number {
  let sum = 0;
  for (let i = 1; i < x.length; i++) {
    sum += (x[i] - x[i - 1]) * (y[i] + y[i - 1]) / 2;
  }
  return sum;
}

function randomLists(seed: number, count: number) {
  const stream = new RandomStream(seed, "curves");
  const list = (mean: number) =>
    Float64Array.from(
      { length: count },
      () => Math.abs(stream.normal() + mean),
    );
  return [list(1), list(2.5)] as const;
}

describe("separationCurves", () => {
  it("has the areas of the measures, thinned as it is", () => {
    for (const count of [30, 20_000]) {
      const [matching, others] = randomLists(count, count);
      const { roc, precisionRecall } = separationCurves(matching, others);
      const distances = Float64Array.from([...others, ...matching]);
      const labels = Uint8Array.from(
        { length: 2 * count },
        (_, i) => i < count ? 0 : 1,
      );
      assertClose(area(roc), rocArea(distances, labels).value, 1e-3);
      assertClose(
        area(precisionRecall),
        trapezoidAveragePrecision(distances, labels).value,
        count === 30 ? 0.05 : 5e-3, // without the leading point, which matters where there are few
      );
      assert.ok(roc.x.length <= 700, `${roc.x.length} points`);
    }
  });

  it("runs from nothing to everything, never back", () => {
    const { roc, precisionRecall } = separationCurves(...randomLists(3, 500));
    assert.deepEqual([roc.x[0], roc.y[0]], [0, 0]);
    assert.deepEqual([roc.x.at(-1), roc.y.at(-1)], [1, 1]);
    assert.equal(precisionRecall.x.at(-1), 1);
    assert.equal(precisionRecall.y.at(-1), 0.5);
    for (const x of [roc.x, roc.y, precisionRecall.x]) {
      assert.deepEqual(x, x.toSorted((a, b) => a - b));
    }
  });

  it("draws ties as one step", () => {
    const { roc, precisionRecall } = separationCurves(
      Float64Array.of(1, 1, 2),
      Float64Array.of(1, 2),
    );
    assert.deepEqual(roc, { x: [0, 0.5, 1], y: [0, 0.66667, 1] });
    assert.deepEqual(precisionRecall, { x: [0.66667, 1], y: [0.66667, 0.6] });
  });

  it("refuses an empty list", () => {
    const some = Float64Array.of(1);
    assert.throws(() => separationCurves(some, new Float64Array(0)), /0 other/);
    assert.throws(() => separationCurves(new Float64Array(0), some), /0 match/);
  });
});
