import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { RandomStream } from "../../../data/random.ts";
import { trapezoidAveragePrecision } from "../../../pipeline/metrics/average_precision.ts";
import { rocArea } from "../../../pipeline/metrics/roc.ts";
import {
  imbalancedCount,
  sortMatches,
  verificationFigures,
} from "../../../pipeline/metrics/verification.ts";
import { WeightedRanking } from "../../../pipeline/metrics/weighted_verification.ts";
import { assertClose } from "../../helpers/closeness.ts";

const groups = 4;

/** Distances with ties in four groups. */
function randomLists(seed: number) {
  const stream = new RandomStream(seed, "lists");
  const list = (count: number, mean: number) => ({
    distances: Float64Array.from(
      { length: count },
      () => Math.round(10 * Math.abs(stream.normal() + mean)),
    ),
    group: Array.from(
      { length: count },
      () => Math.floor(stream.uniform(0, groups)),
    ),
  });
  return { matching: list(60, 0.8), nonMatching: list(50, 1.4) };
}

function rankingOf({ matching, nonMatching }: ReturnType<typeof randomLists>) {
  return new WeightedRanking(
    matching.distances,
    matching.group,
    nonMatching.distances,
    nonMatching.group,
  );
}

describe("WeightedRanking", () => {
  it("gives the plain figures when every pair counts once", () => {
    for (let seed = 0; seed < 5; seed++) {
      const lists = randomLists(seed);
      const { auc, ap } = verificationFigures(
        sortMatches(lists.matching.distances),
        lists.nonMatching.distances,
      );
      assertClose(
        rankingOf(lists).figures([1, 1, 1, 1]),
        { auc: auc.value, ap: ap.value },
        1e-12,
      );
    }
  });

  it("gives the figures of lists in which each pair stands as often as it counts", () => {
    const weights = [3, 0, 1, 2];
    for (let seed = 0; seed < 5; seed++) {
      const lists = randomLists(seed);
      const repeated = (
        { distances, group }: { distances: Float64Array; group: number[] },
        count = distances.length,
      ) =>
        [...distances].slice(0, count).flatMap((distance, i) =>
          Array<number>(weights[group[i]]).fill(distance)
        );
      const others = repeated(lists.nonMatching);
      const stack = (matches: number[]) => {
        const labels = Uint8Array.from(
          { length: others.length + matches.length },
          (_, i) => i < others.length ? 0 : 1,
        );
        return [Float64Array.from([...others, ...matches]), labels] as const;
      };
      const all = repeated(lists.matching);
      const kept = repeated(lists.matching, imbalancedCount(60));
      assertClose(
        rankingOf(lists).figures(weights),
        {
          auc: rocArea(...stack(all)).value,
          ap: trapezoidAveragePrecision(...stack(kept)).value,
        },
        1e-12,
      );
    }
  });

  it("is NaN when no pair of a kind counts", () => {
    const ranking = new WeightedRanking(
      Float64Array.of(1, 2, 3, 4, 5),
      [0, 0, 0, 0, 0],
      Float64Array.of(3),
      [1],
    );
    assert.deepEqual(ranking.figures([1, 0]), { auc: NaN, ap: NaN });
    assert.deepEqual(ranking.figures([0, 1]), { auc: NaN, ap: NaN });
  });
});
