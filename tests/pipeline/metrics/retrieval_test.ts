import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { trapezoidAveragePrecision } from "../../../pipeline/metrics/average_precision.ts";
import { retrievalFigures } from "../../../pipeline/metrics/retrieval.ts";
import { assertClose } from "../../helpers/closeness.ts";
import { randomPairs } from "./random_pairs.ts";

describe("retrievalFigures", () => {
  it("equals the ranking of each cut pool, with and without ties", () => {
    const cuts = [1, 3, 5, 6, 20, 45, 1000];
    for (const levels of [3, 12, 1 << 30]) {
      for (let seed = 0; seed < 8; seed++) {
        const own = randomPairs(seed, 5, levels).distances;
        const others = randomPairs(seed + 100, 40, levels).distances;
        const pool = Float64Array.of(...own, ...others);
        const labels = Uint8Array.from(pool, (_, i) => i < 5 ? 1 : 0);
        retrievalFigures(own, others, cuts).forEach((figure, at) => {
          const expected = trapezoidAveragePrecision(
            pool.slice(0, cuts[at]),
            labels.slice(0, cuts[at]),
          );
          assertClose(figure, expected, 1e-12);
        });
      }
    }
  });

  it("gives 1 when all distances are equal, and shows the range", () => {
    const [figure] = retrievalFigures(
      new Float64Array(5),
      new Float64Array(95),
      [100],
    );
    assert.equal(figure.value, 1);
    assert.equal(figure.high, 1);
    assert.ok(figure.low < 0.06);
  });

  it("does not grow with the pool", () => {
    const own = randomPairs(1, 5, 100).distances;
    const others = randomPairs(2, 500, 100).distances;
    const figures = retrievalFigures(own, others, [10, 50, 100, 505]);
    for (let i = 1; i < figures.length; i++) {
      assert.ok(figures[i].value <= figures[i - 1].value);
    }
  });

  it("refuses pool sizes that do not ascend or are none", () => {
    const own = new Float64Array(5);
    assert.throws(() => retrievalFigures(own, own, [10, 5]), /5 after 10/);
    assert.throws(() => retrievalFigures(own, own, [0]), /pool size 0/);
  });
});
