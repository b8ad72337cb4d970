import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { rocArea } from "../../../pipeline/metrics/roc.ts";
import { assertClose } from "../../helpers/closeness.ts";
import { goldenPairs } from "./golden_pairs.ts";
import { randomPairs } from "./random_pairs.ts";

describe("rocArea", () => {
  it("agrees with the independent implementation", () => {
    for (const golden of goldenPairs()) {
      const { value } = rocArea(golden.distances, golden.labels);
      assertClose(value, golden.rocArea, 1e-12);
    }
  });

  it("is the share of pairs of a match and a non-match in the right order", () => {
    for (let seed = 0; seed < 10; seed++) {
      const { distances, labels } = randomPairs(seed, 40, 1 << 30);
      let right = 0;
      let all = 0;
      for (let i = 0; i < 40; i++) {
        for (let j = 0; j < 40; j++) {
          if (labels[i] !== 1 || labels[j] !== 0) continue;
          all++;
          if (distances[i] < distances[j]) right++;
        }
      }
      assertClose(rocArea(distances, labels).value, right / all, 1e-12);
    }
  });

  it("spans 0 to 1 when all distances are equal", () => {
    const figure = rocArea(new Float64Array(4), Uint8Array.of(0, 0, 1, 1));
    assert.deepEqual(figure, { value: 0, low: 0, high: 1 });
  });

  it("is 0 when one kind is missing", () => {
    assert.equal(rocArea(Float64Array.of(1), Uint8Array.of(1)).value, 0);
  });
});
