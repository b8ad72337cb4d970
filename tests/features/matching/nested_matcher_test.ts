import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { RandomStream } from "../../../data/random.ts";
import { matchDescriptors } from "../../../features/matching/match_descriptors.ts";
import { NestedMatcher } from "../../../features/matching/nested_matcher.ts";

describe("NestedMatcher", () => {
  it("gives for any first descriptors what comparing them alone gives, ties included", () => {
    let compared = 0;
    for (let turn = 0; turn < 60; turn++) {
      const stream = new RandomStream(8, "nested", turn);
      const dimension = 1 + stream.integer(6);
      const draw = (rows: number) =>
        Float32Array.from(
          { length: rows * dimension },
          () => stream.integer(5),
        );
      const [left, right] = [draw(stream.integer(150)), draw(130)];
      const matcher = new NestedMatcher(left, right, dimension);
      for (let part = 0; part < 4; part++) {
        const [rows, columns] = [stream.integer(160), stream.integer(140)];
        const options = {
          mutual: stream.chance(0.5),
          ...(stream.chance(0.5) ? { ratio: 0.9 } : {}),
          ...(stream.chance(0.3) ? { maxDistance: 1.5 } : {}),
        };
        const wanted = matchDescriptors(
          left.subarray(0, rows * dimension),
          right.subarray(0, columns * dimension),
          dimension,
          options,
        );
        assert.deepEqual(matcher.match(rows, columns, options), wanted);
        compared += wanted.left.length;
      }
    }
    assert.ok(compared > 1000, `only ${compared} matches were compared`);
  });

  it("refuses what is out of range", () => {
    const rows = new Float32Array(6);
    assert.throws(() => new NestedMatcher(rows, rows, 4), RangeError);
    const matcher = new NestedMatcher(rows, rows, 2);
    assert.throws(() => matcher.match(1, 1, { ratio: 0 }), RangeError);
  });
});
