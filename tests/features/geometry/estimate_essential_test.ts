import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { RandomStream } from "../../../data/random.ts";
import {
  choosePairs,
  estimateEssential,
  estimateFundamental,
  type PointPairs,
  relativePose,
} from "../../../features/mod.ts";
import { essentialMatrices } from "../../../features/geometry/five_points.ts";
import {
  applyTo,
  compose,
  invert,
} from "../../../features/geometry/homography.ts";
import { determinant, transposed } from "../../../features/geometry/matrix3.ts";
import {
  type PoseDirections,
  poseErrorDegrees,
} from "../../../pipeline/metrics/pose_error.ts";
import {
  drawPlane,
  drawScene,
  intrinsics,
} from "../../helpers/features/synthetic_pairs.ts";

const exact = { count: 40, rightOfFive: 5, noise: 0 };

function estimate(pairs: PointPairs, seed = 0, left = intrinsics) {
  return estimateEssential(pairs, left, intrinsics, { seed });
}

/** Error of the pose that follows from an estimate; Infinity where there is none. */
function errorDegrees(
  pairs: PointPairs,
  found: ReturnType<typeof estimateEssential>,
  truth: PoseDirections,
  left = intrinsics,
  right = intrinsics,
): number {
  if (!found.found) return Infinity;
  const among = choosePairs(pairs, found.inliers);
  const pose = relativePose(found.matrix, left, right, among);
  return pose === undefined ? Infinity : poseErrorDegrees(pose, truth);
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

describe("essentialMatrices", () => {
  it("go through the five pairs, are essential, and have the true one among them", () => {
    const stream = new RandomStream(4, "five points");
    const cross = ([a, b, c]: number[]) =>
      Float64Array.of(0, -c, b, c, 0, -a, -b, a, 0);
    for (let trial = 0; trial < 50; trial++) {
      const { rotation, translation } = drawScene(trial, exact);
      const truth = compose(cross([...translation]), rotation);
      const left = new Float64Array(15), right = new Float64Array(15);
      for (let i = 0; i < 5; i++) {
        const z = stream.uniform(2, 9);
        const [x, y] = [stream.uniform(-1, 1), stream.uniform(-1, 1)];
        const [u, v, w] = [0, 3, 6].map((row) =>
          z * (rotation[row] * x + rotation[row + 1] * y + rotation[row + 2]) +
          translation[row / 3]
        );
        left.set([x, y, 1], 3 * i);
        right.set([u / w, v / w, 1], 3 * i);
      }
      const found = essentialMatrices(left, right);
      assert.ok(found.length > 0 && found.length <= 10);
      let nearest = Infinity;
      for (const e of found) {
        const product = compose(e, transposed(e), e);
        const half = e.reduce((sum, entry) => sum + entry * entry, 0) / 2;
        assert.ok(Math.abs(determinant(e)) < 1e-7);
        product.forEach((value, k) =>
          assert.ok(Math.abs(value - half * e[k]) < 1e-7)
        );
        for (let i = 0; i < 5; i++) {
          const residual = e.reduce(
            (sum, entry, k) =>
              sum +
              entry * right[3 * i + Math.floor(k / 3)] * left[3 * i + k % 3],
            0,
          );
          assert.ok(Math.abs(residual) < 1e-7, `${residual}`);
        }
        const along = Math.abs(
          e.reduce((sum, entry, k) => sum + entry * truth[k], 0),
        ) / Math.hypot(...truth);
        nearest = Math.min(nearest, 1 - along);
      }
      assert.ok(nearest < 1e-9, `${nearest} in trial ${trial}`);
    }
  });

  it("are none through one pair five times", () => {
    const same = Float64Array.from({ length: 15 }, (_, k) => [1, 2, 1][k % 3]);
    assert.deepEqual(essentialMatrices(same, same), []);
  });
});

describe("estimateEssential", () => {
  it("is exact for exact pairs, of a plane too, and by two different cameras", () => {
    for (let seed = 0; seed < 10; seed++) {
      for (const depth of [undefined, (x: number) => 4 + x / 200]) {
        const { pairs, ...truth } = drawScene(seed, exact, depth);
        // As a camera with twice the focal length sees it.
        const sharper = Float64Array.of(1000, 0, 640, 0, 1000, 480, 0, 0, 1);
        const left = pairs.left.map((value) => 2 * value);
        for (
          const [seen, camera] of [
            [pairs, intrinsics],
            [{ ...pairs, left }, sharper],
          ] as const
        ) {
          const found = estimate(seen, seed, camera);
          assert.ok(found.found, JSON.stringify(found));
          assert.equal(found.inliers.length, 40);
          const error = errorDegrees(seen, found, truth, camera);
          assert.ok(error < 1e-4, `${error}° in scene ${seed}`);
        }
      }
    }
  });

  it("is nearer to the pose of a flat relief than a fundamental matrix, under noise and 60 % outliers", () => {
    const errors = { essential: [] as number[], fundamental: [] as number[] };
    for (let seed = 0; seed < 5; seed++) {
      const relief = (_x: number, _y: number, pair: number) =>
        6 + (pair % 7) / 7;
      const { pairs, ...truth } = drawScene(seed, undefined, relief);
      const found = estimate(pairs, seed);
      errors.essential.push(errorDegrees(pairs, found, truth));
      const other = estimateFundamental(pairs, { seed });
      errors.fundamental.push(errorDegrees(pairs, other, truth));
    }
    const [ours, other] = [errors.essential, errors.fundamental].map(median);
    assert.ok(ours < 2 && ours < 0.5 * other, JSON.stringify(errors));
  });

  it("gives the same bits for the same arguments", () => {
    const { pairs } = drawScene(5);
    assert.deepEqual(estimate(pairs, 3), estimate(pairs, 3));
  });

  it("finds no pose where the camera only turned, or did not move", () => {
    const { pairs, rotation } = drawScene(2, exact);
    const turned = seenBy(
      pairs,
      compose(intrinsics, rotation, invert(intrinsics)),
    );
    for (const { left, right } of [turned, { ...pairs, right: pairs.left }]) {
      const found = estimate({ left, right });
      assert.ok(
        !found.found && found.reason === "one plane",
        JSON.stringify(found),
      );
    }
  });

  it("finds none among pairs that have nothing to do with each other, or too few", () => {
    for (let seed = 0; seed < 6; seed++) {
      const count = [8, 20, 60][seed % 3];
      const { pairs } = drawPlane(seed, { count, rightOfFive: 0, noise: 0 });
      const found = estimateEssential(pairs, intrinsics, intrinsics, {
        maxIterations: 300,
      });
      assert.ok(!found.found && found.reason === "no consensus");
    }
    const few = drawScene(1, { ...exact, count: 4 }).pairs;
    const found = estimate(few);
    assert.ok(!found.found && found.reason === "too few pairs");
  });

  it("refuses a focal length of 0", () => {
    const { pairs } = drawScene(1, exact);
    assert.throws(() => estimate(pairs, 0, intrinsics.with(0, 0)), RangeError);
  });
});

/** Left points, and where a homography takes them. */
function seenBy({ left }: PointPairs, map: Float64Array): PointPairs {
  const right = left.slice();
  for (let i = 0; i < left.length; i += 2) {
    const { x, y } = applyTo(map, left[i], left[i + 1]);
    right.set([x, y], i);
  }
  return { left, right };
}

interface Golden {
  intrinsics: [left: number[], right: number[]];
  rotation: number[];
  translation: number[];
  pairs: { left: number[]; right: number[]; errorDegrees: number }[];
}

describe("poses of real stereo pairs", () => {
  it("are nearer to the calibrated one than OpenCV's", async () => {
    const golden: Golden = JSON.parse(
      await Deno.readTextFile(
        new URL("../../golden/features/stereo_matches.json", import.meta.url),
      ),
    );
    const [left, right] = golden.intrinsics.map((k) => Float64Array.from(k));
    const ours = golden.pairs.map((sides) => {
      const pairs = {
        left: Float64Array.from(sides.left),
        right: Float64Array.from(sides.right),
      };
      const found = estimateEssential(pairs, left, right);
      return errorDegrees(pairs, found, golden, left, right);
    });
    const theirs = golden.pairs.map(({ errorDegrees }) => errorDegrees);
    assert.ok(median(ours) < 1, `${ours}`);
    assert.ok(median(ours) <= median(theirs), `${ours} and ${theirs}`);
    const within = (errors: number[]) =>
      errors.filter((error) => error < 5).length;
    assert.ok(within(ours) >= within(theirs), `${ours} and ${theirs}`);
  });
});
