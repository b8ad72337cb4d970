import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { pairFigures } from "../../pipeline/evaluation/image_pairs/pair_figures.ts";
import {
  accuracyPixels,
  type PairOutcome,
} from "../../pipeline/evaluation/image_pairs/pair_outcome.ts";
import {
  cornerErrorPixels,
  sharesWithin,
  transferErrors,
} from "../../pipeline/metrics/image_pairs.ts";
import {
  poseErrorDegrees,
  type PoseDirections,
} from "../../pipeline/metrics/pose_error.ts";

interface Golden {
  homography: {
    width: number;
    height: number;
    pairs: {
      truth: number[];
      estimate: number[] | null;
      left: number[];
      right: number[];
    }[];
    figures: Record<string, number>;
  };
  pose: {
    pairs: { truth: PoseDirections; estimate: PoseDirections | null }[];
    figures: Record<string, number>;
  };
}

const golden: Golden = JSON.parse(
  await Deno.readTextFile(
    new URL("evaluation/image_pairs.json", import.meta.url),
  ),
);

function assertFigures(
  outcomes: PairOutcome[],
  wanted: Record<string, number>,
  others: string[],
): void {
  const figures = new Map<string, number>(pairFigures(outcomes));
  assert.deepEqual(
    [...figures.keys()].sort(),
    [...Object.keys(wanted), ...others].sort(),
  );
  for (const [name, value] of Object.entries(wanted)) {
    assert.ok(value > 0 && value < 1, `${name} tells nothing: ${value}`);
    const off = Math.abs(figures.get(name)! - value);
    assert.ok(off < 1e-9, `${name}: ${figures.get(name)}, ${value}`);
  }
}

describe("figures of image pairs beside numpy's", () => {
  it("are the same for matches and homographies", () => {
    const { width, height, pairs, figures } = golden.homography;
    const outcomes = pairs.map((
      { truth, estimate, left, right },
    ): PairOutcome => ({
      kind: "homography",
      sequence: "",
      matches: left.length / 2,
      estimated: estimate !== null,
      accuracies: sharesWithin(
        transferErrors(truth, left, right),
        accuracyPixels,
      ),
      recall: NaN,
      cornerErrorPixels: estimate === null
        ? Infinity
        : cornerErrorPixels(estimate, truth, width, height),
    }));
    assertFigures(outcomes, figures, ["recall_3"]);
  });

  it("are the same for poses", () => {
    const outcomes = golden.pose.pairs.map((
      { truth, estimate },
    ): PairOutcome => ({
      kind: "pose",
      sequence: "",
      matches: 0,
      estimated: estimate !== null,
      poseErrorDegrees: estimate === null
        ? Infinity
        : poseErrorDegrees(estimate, truth),
    }));
    assertFigures(outcomes, golden.pose.figures, []);
  });
});
