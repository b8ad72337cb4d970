import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { epipolarDistances } from "../../../pipeline/metrics/epipolar_distance.ts";

describe("epipolarDistances", () => {
  it("are rows' distances for cameras that stand side by side", () => {
    const camera = [500, 0, 320, 0, 500, 240, 0, 0, 1];
    const distances = epipolarDistances({
      rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1],
      translation: [-3, 0, 0],
      leftIntrinsics: camera,
      rightIntrinsics: [1000, 0, 320, 0, 1000, 240, 0, 0, 1],
    }, {
      // Twice as far from the centre in the right image, whatever the column.
      left: [10, 250, 300, 100, 320, 240],
      right: [200, 260, 5, -43, 17, 240],
    });
    [0, 3, 0].forEach((wanted, i) =>
      assert.ok(Math.abs(distances[i] - wanted) < 1e-9, `${distances[i]}`)
    );
  });

  it("are 0 for what points before both cameras show", () => {
    const c = Math.cos(0.3), s = Math.sin(0.3);
    const rotation = [c, 0, s, 0, 1, 0, -s, 0, c];
    const translation = [1, -0.2, 0.4];
    const leftIntrinsics = [400, 3, 300, 0, 420, 200, 0, 0, 1];
    const rightIntrinsics = [600, -2, 310, 0, 580, 220, 0, 0, 1];
    const project = (k: number[], [x, y, z]: number[]) => [
      (k[0] * x + k[1] * y) / z + k[2],
      k[4] * y / z + k[5],
    ];
    const points = [[0.5, 1, 4], [-2, 0.3, 7], [1, -1, 3]];
    const moved = points.map((p) =>
      [0, 1, 2].map((i) =>
        rotation[3 * i] * p[0] + rotation[3 * i + 1] * p[1] +
        rotation[3 * i + 2] * p[2] + translation[i]
      )
    );
    const distances = epipolarDistances({
      rotation,
      translation,
      leftIntrinsics,
      rightIntrinsics,
    }, {
      left: points.flatMap((p) => project(leftIntrinsics, p)),
      right: moved.flatMap((p) => project(rightIntrinsics, p)),
    });
    assert.ok(distances.every((distance) => distance < 1e-9), `${distances}`);
  });
});
