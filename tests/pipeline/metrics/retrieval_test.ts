import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { trapezoidAveragePrecision } from "../../../pipeline/metrics/average_precision.ts";
import {
  PoolCounts,
  type ScoredPool,
  segmentEnds,
} from "../../../pipeline/metrics/retrieval.ts";
import { assertClose } from "../../helpers/closeness.ts";
import { randomPairs } from "./random_pairs.ts";

/** Scores of a precision of 2 or 3 bits, off by at most 0.3 in units where distances are halved and shifted. */
function roughScores(distances: Float64Array) {
  return {
    scores: Float32Array.from(
      distances,
      (d) => Math.round((d / 2 - 7) * 2) / 2,
    ),
    scale: 0.5,
    shift: -7,
    errorBound: 0.3,
    distanceAt: (index: number) => distances[index],
  };
}

function exactScores(distances: Float64Array) {
  return {
    scores: distances,
    scale: 1,
    shift: 0,
    errorBound: 0,
    distanceAt: (index: number) => distances[index],
  };
}

/** Figures of one query, its distractors counted in runs of 7. */
function retrievalFigures(
  own: Float64Array,
  others: Float64Array,
  cuts: number[],
  scoresOf: (distances: Float64Array) => ScoredPool = exactScores,
) {
  const ends = segmentEnds(cuts, own.length, [], others.length);
  const counts = new PoolCounts(1, own.length, cuts.length);
  counts.setMatches(0, own);
  let at = 0;
  ends.forEach((end, segment) => {
    while (at < end) {
      const to = Math.min(end, at + 7);
      counts.select(0, scoresOf(others));
      counts.count(segment, at, to);
      at = to;
    }
  });
  return counts.figures(0, 0, own.length, cuts);
}

describe("PoolCounts", () => {
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
        const units = (d: Float64Array) => d.map((v) => 20 * v);
        assert.deepEqual(
          retrievalFigures(units(own), units(others), cuts, roughScores),
          retrievalFigures(units(own), units(others), cuts),
        );
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

  it("decides by exact distances where a score says nothing", () => {
    const own = randomPairs(1, 5, 50).distances;
    const others = randomPairs(2, 90, 50).distances;
    const unknown = (distances: Float64Array) => ({
      ...exactScores(distances),
      scores: new Float32Array(distances.length).fill(NaN),
      errorBound: Infinity,
    });
    assert.deepEqual(
      retrievalFigures(own, others, [20, 95], unknown),
      retrievalFigures(own, others, [20, 95]),
    );
  });
});

describe("segmentEnds", () => {
  it("leaves out the distractors that are skipped", () => {
    assert.deepEqual(segmentEnds([3, 5, 6, 8, 100], 5, [], 9), [0, 0, 1, 3, 9]);
    // Pools of 1 and 3 distractors: index 1, and 1, 3, 4.
    assert.deepEqual(segmentEnds([6, 8, 100], 5, [0, 2], 9), [2, 5, 9]);
    assert.deepEqual(segmentEnds([6, 8], 5, [1, 2, 8], 9), [1, 5]);
  });

  it("refuses pool sizes that do not ascend or are none", () => {
    assert.throws(() => segmentEnds([10, 5], 5, [], 9), /5 after 10/);
    assert.throws(() => segmentEnds([0], 5, [], 9), /pool size 0/);
  });
});
