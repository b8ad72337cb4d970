import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { RandomStream } from "../../../data/mod.ts";
import {
  areasUnderCurve,
  cornerErrorPixels,
  meanAverageAccuracy,
  possibleMatches,
  sharesWithin,
  transferErrors,
} from "../../../pipeline/metrics/image_pairs.ts";
import {
  poseErrorDegrees,
  rotationErrorDegrees,
  translationErrorDegrees,
} from "../../../pipeline/metrics/pose_error.ts";

const identity = [1, 0, 0, 0, 1, 0, 0, 0, 1];
const near = (actual: number, wanted: number, tolerance = 1e-12) =>
  assert.ok(Math.abs(actual - wanted) <= tolerance, `${actual}, ${wanted}`);

/** Rotation about z by an angle in degrees. */
function turn(degrees: number): number[] {
  const c = Math.cos(degrees * Math.PI / 180);
  const s = Math.sin(degrees * Math.PI / 180);
  return [c, -s, 0, s, c, 0, 0, 0, 1];
}

describe("measures of matches under a homography", () => {
  it("are distances in the right photograph", () => {
    const shift = [2, 0, 10, 0, 2, -5, 0, 0, 2];
    assert.deepEqual(
      [...transferErrors(shift, [0, 0, 3, 4], [5, -2.5, 11, 5.5])],
      [0, 5],
    );
    const horizon = [0, 0, 0, 0, 1, 0, 1, 0, 0];
    assert.deepEqual([...transferErrors(horizon, [0, 1], [0, 0])], [Infinity]);
    assert.deepEqual([...transferErrors(horizon, [0, 0], [0, 0])], [Infinity]);
  });

  it("take the mean over the four corners", () => {
    const shifted = [1, 0, 3, 0, 1, 4, 0, 0, 1];
    near(cornerErrorPixels(shifted, identity, 640, 480), 5);
    // Only the right corners move, by 1 % of 100 pixels.
    const wider = [1.01, 0, 0, 0, 1, 0, 0, 0, 1];
    near(cornerErrorPixels(wider, identity, 101, 51), 0.5);
  });
});

describe("possible matches", () => {
  it("are the fewer of the points on either side that have another near them", () => {
    const shift = [1, 0, 100, 0, 1, 0, 0, 0, 1];
    // Two right points near one left point, and one on its own.
    assert.equal(
      possibleMatches(shift, [0, 0, 50, 50], [101, 0, 99, 1, 0, 0], 3),
      1,
    );
    assert.equal(possibleMatches(shift, [0, 0], [103, 0], 3), 1);
    assert.equal(possibleMatches(shift, [0, 0], [103.01, 0], 3), 0);
    assert.equal(possibleMatches(shift, [], [1, 1], 3), 0);
  });

  it("are what comparing all with all finds", () => {
    const stream = new RandomStream(1, "points");
    const draw = (count: number) =>
      Float64Array.from({ length: 2 * count }, () => stream.uniform(-60, 60));
    const [left, right] = [draw(300), draw(250)];
    const h = [1.1, -0.2, 4, 0.1, 0.9, -3, 1e-3, -2e-3, 1];
    for (const pixels of [1, 3, 7.5]) {
      const near = [new Set<number>(), new Set<number>()];
      for (let i = 0; i < 300; i++) {
        const pairs = Float64Array.from(
          { length: 500 },
          (_, at) => left[2 * i + at % 2],
        );
        transferErrors(h, pairs, right).forEach((error, j) => {
          if (error > pixels) return;
          near[0].add(i);
          near[1].add(j);
        });
      }
      const wanted = Math.min(near[0].size, near[1].size);
      assert.ok(wanted > 0);
      assert.equal(possibleMatches(h, left, right, pixels), wanted);
    }
  });
});

describe("summaries of errors", () => {
  it("are shares within thresholds", () => {
    assert.deepEqual(sharesWithin([0.5, 1, 3, Infinity], [1, 2, 3]), [
      0.5,
      0.5,
      0.75,
    ]);
    assert.deepEqual(sharesWithin([], [1]), [0]);
  });

  it("are areas under the curve of shares", () => {
    // Straight from (0, 0) to (1, ½), on to (3, 1), level to 4: ¼ + 1.5 + 1.
    near(areasUnderCurve([3, 1], [4])[0], 2.75 / 4);
    near(areasUnderCurve([3, 1], [2])[0], (0.25 + 0.5) / 2);
    assert.deepEqual(areasUnderCurve([0, 0], [1, 5]), [1, 1]);
    assert.deepEqual(areasUnderCurve([Infinity], [5]), [0]);
    assert.deepEqual(areasUnderCurve([], [5]), [0]);
  });

  it("are means of accuracies", () => {
    near(meanAverageAccuracy([2.5, Infinity], 4), (0 + 0 + 0.5 + 0.5) / 4);
    assert.equal(meanAverageAccuracy([0], 10), 1);
  });
});

describe("errors of poses", () => {
  it("are angles of rotations, small and large", () => {
    for (const angle of [0, 1e-6, 0.5, 90, 179, 180]) {
      near(
        rotationErrorDegrees(turn(angle), identity),
        angle,
        1e-9 + angle * 1e-8,
      );
    }
  });

  it("are angles of translations without their sign and length", () => {
    near(translationErrorDegrees([1, 0, 0], [3, 3, 0]), 45);
    near(translationErrorDegrees([-2, 0, 0], [1, 0, 0]), 0);
    near(translationErrorDegrees([0, 1, 0], [1, 0, 0]), 90);
  });

  it("take the larger of both", () => {
    const truth = { rotation: identity, translation: [1, 0, 0] };
    const other = { rotation: turn(5), translation: [1, 1, 0] };
    near(poseErrorDegrees(other, truth), 45);
    near(
      poseErrorDegrees({ ...other, translation: [1, 0, 0] }, truth),
      5,
      1e-9,
    );
  });
});
