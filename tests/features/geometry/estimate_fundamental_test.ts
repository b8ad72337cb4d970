import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { estimateFundamental } from "../../../features/geometry/estimate_fundamental.ts";
import type { EstimationOptions } from "../../../features/geometry/estimation.ts";
import { determinant } from "../../../features/geometry/matrix3.ts";
import type { PointPairs } from "../../../features/geometry/point_pairs.ts";
import {
  drawPlane,
  drawScene,
  epipolarErrorPixels,
  transformPairs,
} from "../../helpers/features/synthetic_pairs.ts";

function found(pairs: PointPairs, options?: EstimationOptions) {
  const estimate = estimateFundamental(pairs, options);
  assert.ok(estimate.found, JSON.stringify(estimate));
  return estimate;
}

function reasonOf(pairs: PointPairs, options?: EstimationOptions): string {
  const estimate = estimateFundamental(pairs, options);
  return estimate.found ? "found" : estimate.reason;
}

/** `deno test … -- --all` tries all that docs/geometry.md tells of, for half a minute. */
const seeds = Deno.args.includes("--all") ? 100 : 25;

describe("estimateFundamental", () => {
  it(`is within a pixel of the truth for ${seeds} seeds of 60 % outliers and noise of a pixel`, () => {
    const errors = Array.from({ length: seeds }, (_, seed) => {
      const { pairs, clean } = drawScene(seed);
      return epipolarErrorPixels(found(pairs, { seed }).matrix, clean);
    });
    assert.deepEqual(errors.filter((error) => !(error < 1)), []);
  });

  it("is exact for exact pairs, of rank 2 and length 1", () => {
    const { pairs, clean } = drawScene(4, {
      count: 50,
      rightOfFive: 5,
      noise: 0,
    });
    const { matrix, inliers } = found(pairs);
    assert.ok(epipolarErrorPixels(matrix, clean) < 1e-6);
    assert.equal(inliers.length, 50);
    assert.ok(Math.abs(determinant(matrix)) < 1e-16);
    assert.ok(Math.abs(Math.hypot(...matrix) - 1) < 1e-12);
  });

  it("finds the scene beside a plane that carries most pairs, and tells its share", () => {
    for (let seed = 0; seed < 10; seed++) {
      const { pairs, clean } = drawScene(
        seed,
        { count: 300, rightOfFive: 4, noise: 0.3 },
        (x, y, pair) => pair % 12 === 1 ? 3 + pair % 5 : 5 + (x + y) / 400,
      );
      const { matrix, planeShare } = found(pairs, { seed });
      const error = epipolarErrorPixels(matrix, clean);
      assert.ok(error < 1, `${error} px, seed ${seed}`);
      assert.ok(planeShare > 0.8 && planeShare < 1, `${planeShare}`);
    }
  });

  it("finds none when one plane carries all pairs, or there is one photograph twice", () => {
    const drawn = { count: 200, rightOfFive: 3, noise: 0.5 };
    for (let seed = 0; seed < 5; seed++) {
      assert.equal(reasonOf(drawPlane(seed, drawn).pairs), "one plane");
    }
    const { left } = drawScene(1).pairs;
    assert.equal(reasonOf({ left, right: left }), "one plane");
  });

  it("finds none among pairs that have nothing to do with each other", () => {
    for (let seed = 0; seed < 20; seed++) {
      const count = [8, 20, 60, 200][seed % 4];
      const { pairs } = drawPlane(seed, { count, rightOfFive: 0, noise: 0 });
      assert.equal(reasonOf(pairs, { maxIterations: 1000 }), "no consensus");
    }
  });

  it("finds none with fewer than seven pairs, or with points on a line", () => {
    const { pairs } = drawScene(1, { count: 6, rightOfFive: 5, noise: 0 });
    assert.equal(reasonOf(pairs), "too few pairs");
    const left = Float64Array.from(
      { length: 120 },
      (_, at) => (at >> 1) * 5 + at % 2 * 20,
    );
    const right = left.map((value, at) => value + 10 * (at % 2));
    assert.equal(reasonOf({ left, right }), "pairs on one line");
  });

  it("gives the same bits for the same arguments", () => {
    const { pairs } = drawScene(6);
    assert.deepEqual(found(pairs, { seed: 2 }), found(pairs, { seed: 2 }));
  });

  it("does not depend on the units of the coordinates", () => {
    const drawn = { count: 200, rightOfFive: 4, noise: 1 };
    for (let seed = 0; seed < 5; seed++) {
      const { pairs } = drawScene(seed, drawn);
      const plain = found(pairs, { seed });
      const moved = found(transformPairs(pairs, 20, 1), {
        seed,
        thresholdPixels: 30,
      });
      assert.deepEqual(moved.inliers, plain.inliers);
    }
  });
});
