import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { RandomStream } from "../../../data/random.ts";
import {
  matchDescriptors,
  type Matches,
  type MatchOptions,
} from "../../../features/matching/match_descriptors.ts";
import { workedMs } from "../../helpers/thread_usage.ts";

/** [rows, dimension] whole numbers, few enough that distances tie. */
function drawRows(
  stream: RandomStream,
  rows: number,
  dimension: number,
  values: number,
): Float32Array {
  return Float32Array.from(
    { length: rows * dimension },
    () => stream.integer(values),
  );
}

/** The definition, without blocks: sorts all candidates of each row. */
function matchBySorting(
  left: Float32Array,
  right: Float32Array,
  dimension: number,
  { mutual = true, ratio, maxDistance = Infinity }: MatchOptions,
): [number, number][] {
  const rowsOf = (values: Float32Array) =>
    Array.from(
      { length: values.length / dimension },
      (_, row) => [...values.subarray(row * dimension, (row + 1) * dimension)],
    );
  const ranked = (from: number[][], to: number[][]) =>
    from.map((a) =>
      to.map((b, index) => ({
        index,
        distance: Math.sqrt(a.reduce((sum, v, k) => sum + (v - b[k]) ** 2, 0)),
      })).sort((one, other) =>
        one.distance - other.distance || one.index - other.index
      )
    );
  const forward = ranked(rowsOf(left), rowsOf(right));
  const backward = ranked(rowsOf(right), rowsOf(left));
  const passes = ([first, second]: { distance: number }[]) =>
    ratio === undefined || second === undefined ||
    first.distance < ratio * second.distance;
  return forward.flatMap((candidates, row): [number, number][] => {
    const nearest = candidates[0];
    if (nearest === undefined || nearest.distance > maxDistance) return [];
    const back = backward[nearest.index];
    if (!passes(candidates)) return [];
    if (mutual && (back[0].index !== row || !passes(back))) return [];
    return [[row, nearest.index]];
  });
}

function pairsOf({ left, right }: Matches): [number, number][] {
  return Array.from(
    left,
    (row, match): [number, number] => [row, right[match]],
  );
}

describe("matchDescriptors", () => {
  it("agrees with sorting all candidates, ties and odd sizes included", () => {
    let compared = 0;
    for (let turn = 0; turn < 120; turn++) {
      const stream = new RandomStream(3, "matching", turn);
      const dimension = 1 + stream.integer(9);
      const left = drawRows(stream, stream.integer(140), dimension, 4);
      const right = drawRows(stream, stream.integer(140), dimension, 4);
      const options: MatchOptions = { mutual: stream.chance(0.5) };
      if (stream.chance(0.5)) options.ratio = 0.9;
      if (stream.chance(0.5)) options.maxDistance = 1.5;
      const wanted = matchBySorting(left, right, dimension, options);
      const found = matchDescriptors(left, right, dimension, options);
      assert.deepEqual(pairsOf(found), wanted);
      compared += wanted.length;
    }
    assert.ok(compared > 1000, `only ${compared} matches were compared`);
  });

  it("exchanges the matches when the photographs are exchanged, except among ties", () => {
    const stream = new RandomStream(4, "matching");
    const left = Float32Array.from({ length: 90 * 16 }, () => stream.normal());
    const right = Float32Array.from({ length: 70 * 16 }, () => stream.normal());
    const there = matchDescriptors(left, right, 16, { ratio: 0.95 });
    const back = matchDescriptors(right, left, 16, { ratio: 0.95 });
    const turned = pairsOf(back).map(([a, b]): [number, number] => [b, a])
      .sort((one, other) => one[0] - other[0]);
    assert.ok(there.left.length > 5);
    assert.deepEqual(pairsOf(there), turned);
  });

  it("matches equal descriptors at distance 0, the lower number first", () => {
    const rows = Float32Array.of(1, 2, 3, 4, 1, 2);
    const found = matchDescriptors(rows, rows, 2);
    assert.deepEqual(pairsOf(found), [[0, 0], [1, 1]]);
    assert.deepEqual([...found.distances], [0, 0]);
    assert.deepEqual([...found.ratios], [1, 0]);
    const distinct = matchDescriptors(rows, rows, 2, { ratio: 1 });
    assert.deepEqual(pairsOf(distinct), [[1, 1]]);
  });

  it("gives distances and ratios", () => {
    const found = matchDescriptors(
      Float32Array.of(0, 0),
      Float32Array.of(3, 4, 0, 20),
      2,
    );
    assert.deepEqual([...found.distances], [5]);
    assert.deepEqual([...found.ratios], [0.25]);
  });

  it("matches nothing where there is nothing, and nothing with what is not finite", () => {
    const none = new Float32Array(0);
    assert.equal(matchDescriptors(none, Float32Array.of(1), 1).left.length, 0);
    assert.equal(matchDescriptors(Float32Array.of(1), none, 1).left.length, 0);
    const found = matchDescriptors(
      Float32Array.of(NaN, 1, Infinity),
      Float32Array.of(1, NaN),
      1,
      { mutual: false },
    );
    assert.deepEqual(pairsOf(found), [[1, 0]]);
  });

  it("refuses what is out of range", () => {
    const rows = new Float32Array(6);
    assert.throws(() => matchDescriptors(rows, rows, 4), RangeError);
    assert.throws(() => matchDescriptors(rows, rows, 0), RangeError);
    for (const options of [{ ratio: 0 }, { ratio: 1.1 }, { maxDistance: -1 }]) {
      assert.throws(() => matchDescriptors(rows, rows, 2, options), RangeError);
    }
  });

  it("takes well below a second for 2,000 by 2,000", () => {
    const stream = new RandomStream(5, "matching");
    const draw = () =>
      Float32Array.from({ length: 2000 * 128 }, () => stream.uniform());
    const left = draw();
    const right = draw();
    const startMs = workedMs();
    matchDescriptors(left, right, 128, { ratio: 0.9 });
    const tookMs = workedMs() - startMs;
    // A slow machine may take several times the 0.2 s measured.
    assert.ok(tookMs < 2000, `${tookMs} ms`);
  });
});
