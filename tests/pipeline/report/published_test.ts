import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  publishedHpatches,
  publishedPhototour,
} from "../../../pipeline/report/published.ts";
import { officialSplitA } from "./official_split.ts";

describe("published figures", () => {
  it("stand beside a split of the official sequences, in any order", () => {
    const methods = publishedHpatches("a", officialSplitA.toReversed());
    assert.deepEqual(methods.map(({ name }) => name), [
      "SIFT",
      "HardNet",
      "SOSNet",
      "HyNet",
      "Self-TNet",
    ]);
    assert.equal(methods.at(-1)!.matching, 0.5554);
  });

  it("do not stand beside other sequences or another split", () => {
    assert.deepEqual(publishedHpatches("a", officialSplitA.slice(1)), []);
    assert.deepEqual(publishedHpatches("b", officialSplitA), []);
    assert.deepEqual(publishedHpatches("full", ["i_x", "v_y"]), []);
  });

  it("of PhotoTour hold for the training set, the test set and all the pairs", () => {
    const of = (training: string, test: string, pairs = 100_000) =>
      publishedPhototour(training, test, pairs)
        .find(({ name }) => name === "Self-TNet")?.fpr95;
    assert.equal(of("liberty", "notredame"), 0.0037);
    assert.equal(of("notredame", "yosemite"), 0.0079);
    assert.equal(of("liberty", "liberty"), undefined);
    assert.equal(of("liberty", "notredame", 5000), undefined);
    assert.equal(of("liberty", "photos"), undefined);
  });
});
