import { ok } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { estimateFundamental } from "../../features/mod.ts";
import { epipolarErrorPixels } from "../helpers/features/synthetic_pairs.ts";

interface Golden {
  opencv: string;
  scenes: {
    left: number[];
    right: number[];
    clean: [left: number[], right: number[]];
    matrix: number[];
  }[];
}

const golden: Golden = JSON.parse(
  await Deno.readTextFile(
    new URL("features/opencv_fundamental.json", import.meta.url),
  ),
);

describe("fundamental matrices beside OpenCV's", () => {
  it("are as near to the truth, within a pixel", () => {
    let ours = 0, theirs = 0;
    for (const { left, right, clean, matrix } of golden.scenes) {
      const found = estimateFundamental({
        left: Float64Array.from(left),
        right: Float64Array.from(right),
      });
      ok(found.found, JSON.stringify(found));
      const truth = {
        left: Float64Array.from(clean[0]),
        right: Float64Array.from(clean[1]),
      };
      const error = epipolarErrorPixels(found.matrix, truth);
      ok(error < 1, `${error} px`);
      ours += error;
      theirs += epipolarErrorPixels(Float64Array.from(matrix), truth);
    }
    const count = golden.scenes.length;
    ok(theirs / count < 1, `OpenCV: ${theirs / count} px`);
    ok(ours < 1.1 * theirs, `${ours / count} and ${theirs / count} px`);
  });
});
