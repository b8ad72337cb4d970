import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { RandomStream } from "../../../data/random.ts";
import {
  matchingFigure,
  nearestRows,
} from "../../../pipeline/metrics/matching.ts";
import { pairDistance } from "../../../pipeline/metrics/distance.ts";
import { assertClose } from "../../helpers/closeness.ts";

const rows = (dimension: number, ...values: number[]) => ({
  values: Float32Array.from(values),
  dimension,
});

function randomRows(seed: number, count: number, dimension: number) {
  const stream = new RandomStream(seed, "rows");
  return rows(
    dimension,
    ...Array.from({ length: count * dimension }, () => stream.normal()),
  );
}

const figureOf = (...images: Parameters<typeof nearestRows>) =>
  matchingFigure(nearestRows(...images));

describe("nearestRows", () => {
  it("finds the nearest row across tile borders", () => {
    const reference = randomRows(1, 37, 4);
    const other = randomRows(2, 1100, 4);
    const nearest = nearestRows(reference, other, "L2");
    for (let i = 0; i < 37; i++) {
      let best = 0;
      for (let j = 1; j < 1100; j++) {
        const distance = pairDistance(reference, i, other, j, "L2");
        if (distance < pairDistance(reference, i, other, best, "L2")) best = j;
      }
      assert.equal(
        nearest.distance[i],
        pairDistance(reference, i, other, best, "L2"),
      );
      assert.equal(nearest.correct[i], best === i ? 1 : 0);
    }
  });

  it("takes the first of equally near rows and says that there are more", () => {
    const reference = rows(1, 0, 5, 9);
    const other = rows(1, 1, 1, 9);
    const nearest = nearestRows(reference, other, "L1");
    assert.deepEqual([...nearest.correct], [1, 0, 1]);
    assert.deepEqual([...nearest.ownIsNearest], [1, 1, 1]);
    assert.deepEqual([...nearest.tied], [1, 1, 0]);
  });
});

describe("matchingFigure", () => {
  it("is 1 for copies and counts wrong matches as never retrieved", () => {
    const reference = rows(1, 0, 10, 20);
    assert.equal(figureOf(reference, reference, "L2").value, 1);
    // Rows 1 and 2 are swapped: row 0 matches at distance 0 among two wrong ones at 0.
    const swapped = rows(1, 0, 20, 10);
    const figure = figureOf(reference, swapped, "L2");
    assertClose(figure.value, 1 / 3, 1e-12);
  });

  it("has its closed form for a wrong match between two correct ones", () => {
    const reference = rows(1, 0, 10, 30);
    const other = rows(1, 1, 33, 26);
    // Distances 1 (correct), 9 (row 1 → row 0, wrong), 3 (row 2 → row 1, wrong).
    const figure = figureOf(reference, other, "L1");
    assertClose(figure.value, 1 / 3, 1e-12);
    const third = rows(1, 1, 35, 26);
    // Now 1 (correct), 9 (wrong), 4 (row 2 → row 2, correct): both correct ones stand first.
    assertClose(figureOf(reference, third, "L1").value, 2 / 3, 1e-12);
  });

  it("does not change when both images are permuted alike", () => {
    const reference = randomRows(5, 30, 3);
    const other = randomRows(6, 30, 3);
    for (let i = 0; i < 90; i++) {
      other.values[i] = reference.values[i] + 0.4 * other.values[i];
    }
    const before = figureOf(reference, other, "L2");
    assert.ok(before.value > 0.1 && before.value < 0.95);
    const reverse = ({ values }: { values: Float32Array }) =>
      rows(
        3,
        ...Array.from({ length: 30 }, (_, i) => [
          ...values.subarray(87 - 3 * i, 90 - 3 * i),
        ]).flat(),
      );
    const after = figureOf(reverse(reference), reverse(other), "L2");
    assertClose(after, before, 1e-12);
  });

  it("ranges from the wrong to the right one of equal neighbours", () => {
    const reference = rows(1, 0, 0, 50);
    const other = rows(1, 0, 0, 50);
    const figure = figureOf(reference, other, "L2");
    // The benchmark takes row 0 for both; at best both are right, at worst neither.
    assert.equal(figure.high, 1);
    assert.ok(figure.value > figure.low && figure.value < figure.high);
  });

  it("refuses images whose dimensions differ", () => {
    assert.throws(
      () => nearestRows(rows(2, 1, 2), rows(1, 1), "L2"),
      RangeError,
    );
  });
});
