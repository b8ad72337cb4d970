import { ok } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  applyTo,
  compose,
  type Homography,
  homography,
  invert,
  localScale,
  rotation,
  scaling,
  translation,
} from "../../../features/geometry/homography.ts";
import { RandomStream } from "../../../data/random.ts";

function near(actual: number, wanted: number, tolerance = 1e-9) {
  ok(Math.abs(actual - wanted) <= tolerance, `${actual}, wanted ${wanted}`);
}

function drawMap(stream: RandomStream): Homography {
  return compose(
    translation(stream.uniform(-5, 5), stream.uniform(-5, 5)),
    rotation(stream.uniform(-3, 3)),
    scaling(stream.uniform(0.5, 2), stream.uniform(0.5, 2)),
    homography(
      1,
      0,
      0,
      0,
      1,
      0,
      stream.uniform(-0.1, 0.1),
      stream.uniform(-0.1, 0.1),
      1,
    ),
  );
}

describe("homographies", () => {
  it("composed act one after the other, the last one first", () => {
    const point = applyTo(
      compose(translation(10, 0), scaling(2), rotation(Math.PI / 2)),
      3,
      1,
    );
    near(point.x, 10 - 2);
    near(point.y, 6);
  });

  it("followed by their inverse leave every point where it was", () => {
    for (let round = 0; round < 100; round++) {
      const stream = new RandomStream(round, "homography");
      const map = drawMap(stream);
      const x = stream.uniform(-2, 2);
      const y = stream.uniform(-2, 2);
      const there = applyTo(map, x, y);
      const back = applyTo(invert(map), there.x, there.y);
      near(back.x, x);
      near(back.y, y);
    }
  });

  it("have the local scale that central differences show", () => {
    for (let round = 0; round < 100; round++) {
      const stream = new RandomStream(round, "local scale");
      const map = drawMap(stream);
      const x = stream.uniform(-2, 2);
      const y = stream.uniform(-2, 2);
      const step = 1e-5;
      const right = applyTo(map, x + step, y);
      const left = applyTo(map, x - step, y);
      const below = applyTo(map, x, y + step);
      const above = applyTo(map, x, y - step);
      const determinant = ((right.x - left.x) * (below.y - above.y) -
        (right.y - left.y) * (below.x - above.x)) / (4 * step * step);
      near(localScale(map, x, y) / Math.sqrt(Math.abs(determinant)), 1, 1e-6);
    }
  });
});
