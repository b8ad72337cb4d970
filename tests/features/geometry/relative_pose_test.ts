import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { estimateFundamental } from "../../../features/geometry/estimate_fundamental.ts";
import { choosePairs } from "../../../features/geometry/point_pairs.ts";
import { relativePose } from "../../../features/geometry/relative_pose.ts";
import { poseErrorDegrees } from "../../../pipeline/metrics/pose_error.ts";
import {
  drawScene,
  intrinsics,
  type PairsDrawn,
} from "../../helpers/features/synthetic_pairs.ts";

function poseOf(seed: number, drawn?: PairsDrawn) {
  const { pairs, rotation, translation } = drawScene(seed, drawn);
  const estimate = estimateFundamental(pairs, { seed });
  assert.ok(estimate.found);
  const among = choosePairs(pairs, estimate.inliers);
  const pose = relativePose(estimate.matrix, intrinsics, intrinsics, among);
  assert.ok(pose !== undefined);
  return { pose, rotation, translation, count: estimate.inliers.length };
}

describe("relativePose", () => {
  it("is exact for exact pairs, the sign of the translation too", () => {
    for (let seed = 0; seed < 20; seed++) {
      const { pose, rotation, translation, count } = poseOf(seed, {
        count: 40,
        rightOfFive: 5,
        noise: 0,
      });
      pose.rotation.forEach((value, i) =>
        assert.ok(Math.abs(value - rotation[i]) < 1e-6)
      );
      pose.translation.forEach((value, i) =>
        assert.ok(Math.abs(value - translation[i]) < 1e-6)
      );
      assert.equal(pose.before.length, count);
    }
  });

  it("is within a few degrees under noise and outliers", () => {
    const errors = Array.from({ length: 10 }, (_, seed) => {
      const { pose, rotation, translation } = poseOf(seed);
      return poseErrorDegrees(pose, { rotation, translation });
    }).sort((a, b) => a - b);
    assert.ok(errors[5] < 3, `${errors}`);
  });

  it("is none without pairs, and refuses a focal length of 0", () => {
    const none = { left: new Float64Array(0), right: new Float64Array(0) };
    const essential = Float64Array.of(0, 0, 0, 0, 0, -1, 0, 1, 0);
    assert.equal(
      relativePose(essential, intrinsics, intrinsics, none),
      undefined,
    );
    const flat = intrinsics.with(0, 0);
    assert.throws(
      () => relativePose(essential, flat, intrinsics, none),
      RangeError,
    );
  });
});
