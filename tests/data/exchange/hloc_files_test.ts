import { deepEqual, equal, ok } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  hlocFeatures,
  hlocMatches,
} from "../../../data/exchange/hloc_files.ts";
import type { MatchedPair } from "../../../data/exchange/described_photograph.ts";

/** A pair of photographs with so many keypoints. */
function pairOf(left: number, right: number): MatchedPair {
  const facts = { width: 9, height: 9, orientation: 1 } as const;
  return {
    left: { name: "a", count: left, ...facts },
    right: { name: "b", count: right, ...facts },
    matches: Uint32Array.of(0, right - 1, 3, 1),
    distances: Float32Array.of(0, 1),
    ratios: Float32Array.of(0, 0.5),
    geometry: null,
    inliers: Uint32Array.of(1),
  };
}

describe("hloc's matches", () => {
  it("tell each left keypoint's partner and half of one plus the cosine", () => {
    const { matches0, matching_scores0 } = hlocMatches(pairOf(5, 7), false);
    deepEqual(matches0.data, Int16Array.of(6, -1, -1, 1, -1));
    deepEqual(matches0.shape, [5]);
    // A distance of 1 is an angle of 60°.
    deepEqual(matching_scores0.data, Float32Array.of(1, 0, 0, 0.75, 0));
  });

  it("leave out what does not agree when only the rest is wanted", () => {
    const { matches0, matching_scores0 } = hlocMatches(pairOf(5, 7), true);
    deepEqual(matches0.data, Int16Array.of(-1, -1, -1, 1, -1));
    deepEqual(matching_scores0.data, Float32Array.of(0, 0, 0, 0.75, 0));
  });

  it("leave out nothing where no geometry could refute it", () => {
    const unverified = {
      ...pairOf(5, 7),
      geometry: undefined,
      inliers: new Uint32Array(),
    };
    deepEqual(
      hlocMatches(unverified, true),
      hlocMatches(unverified, false),
    );
    const nothingHolds = { ...pairOf(5, 7), inliers: new Uint32Array() };
    const { matches0 } = hlocMatches(nothingHolds, true);
    deepEqual(matches0.data, new Int16Array(5).fill(-1));
  });

  it("have no score below 0, whatever the descriptors' length", () => {
    const far = { ...pairOf(5, 7), distances: Float32Array.of(3, 2) };
    const { matching_scores0 } = hlocMatches(far, false);
    deepEqual(matching_scores0.data, new Float32Array(5));
  });

  it("take more bits only where sixteen are too few", () => {
    const short = hlocMatches(pairOf(5, 2 ** 15), false).matches0.data;
    ok(short instanceof Int16Array);
    equal(short[0], 2 ** 15 - 1);
    const long = hlocMatches(pairOf(5, 2 ** 15 + 1), false).matches0.data;
    ok(long instanceof Int32Array);
    equal(long[0], 2 ** 15);
  });
});

describe("hloc's features", () => {
  it("are of the picture as the file stores it", () => {
    // Orientation 6: what is seen at the right is stored at the top.
    const { keypoints, oris, image_size } = hlocFeatures({
      name: "portrait.jpg",
      width: 120,
      height: 160,
      orientation: 6,
      count: 1,
      keypoints: Float64Array.of(10, 30, 2, Math.PI / 2, 0.5),
      descriptors: new Float32Array(128),
      dimension: 128,
    });
    deepEqual(image_size.data, Int32Array.of(160, 120));
    deepEqual(keypoints.data, Float32Array.of(30, 119 - 10));
    ok(Math.abs(Math.sin(Number(oris.data[0]) * Math.PI / 180)) < 1e-6);
  });
});
