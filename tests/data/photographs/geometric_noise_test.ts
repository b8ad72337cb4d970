import { deepEqual, equal, ok } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  drawGeometricNoise,
  drawNoisyRegion,
  noiseLevels,
  regionIsInside,
  regionOf,
} from "../../../data/photographs/geometric_noise.ts";
import {
  applyTo,
  type Homography,
  invert,
  scaling,
} from "../../../features/geometry/homography.ts";
import { RandomStream } from "../../../data/random.ts";

/** Intersection over union of the unit disc and its image, on a grid. */
function discOverlapUnder(map: Homography): number {
  const back = invert(map);
  let both = 0, either = 0;
  for (let y = -2; y <= 2; y += 0.06) {
    for (let x = -2; x <= 2; x += 0.06) {
      const before = applyTo(back, x, y);
      const inDisc = x * x + y * y < 1;
      const inImage = before.x ** 2 + before.y ** 2 < 1;
      if (inDisc && inImage) both++;
      if (inDisc || inImage) either++;
    }
  }
  return both / either;
}

describe("geometric noise", () => {
  it("keeps the median overlap that HPatches states: 0.85 easy, 0.72 hard, less for tough", () => {
    const medians = Object.values(noiseLevels).map((level) =>
      Array.from(
        { length: 301 },
        (_, i) =>
          discOverlapUnder(
            drawGeometricNoise(level, new RandomStream(1, "overlap", level, i)),
          ),
      )
        .sort((a, b) => a - b)[150]
    );
    ok(Math.abs(medians[0] - 0.85) < 0.03, String(medians));
    ok(Math.abs(medians[1] - 0.72) < 0.03, String(medians));
    ok(medians[2] < 0.66 && medians[2] > 0.55, String(medians));
  });

  it("of level zero is none", () => {
    const map = drawGeometricNoise(0, new RandomStream(1, "none"));
    const point = applyTo(map, 0.3, -0.7);
    ok(Math.hypot(point.x - 0.3, point.y + 0.7) < 1e-12);
  });

  it("keeps a region inside the picture where it can", () => {
    const picture = { width: 100, height: 100 };
    for (let round = 0; round < 100; round++) {
      const keypoint = { x: 35, y: 50, sigma: 4 };
      const stream = new RandomStream(round, "inside");
      const region = drawNoisyRegion(
        scaling(1),
        regionOf(keypoint),
        2,
        picture,
        stream,
      );
      ok(regionIsInside(region, 100, 100));
    }
  });

  it("grows along the same direction from easy to tough", () => {
    const shiftAt = (level: number) =>
      applyTo(drawGeometricNoise(level, new RandomStream(5, "grow")), 0, 0);
    const easy = shiftAt(1);
    const tough = shiftAt(3);
    ok(
      Math.abs(tough.x / easy.x - 3) < 0.5 &&
        Math.abs(tough.y / easy.y - 3) < 0.5,
    );
  });
});

describe("a region", () => {
  it("is the square of half side 5 sigma about its keypoint", () => {
    const region = regionOf({ x: 30, y: 20, sigma: 2 });
    deepEqual(applyTo(region, -1, 1), { x: 20, y: 30 });
    equal(regionIsInside(region, 41, 31), true);
    equal(regionIsInside(region, 40, 31), false);
    equal(regionIsInside(region, 41, 30), false);
    equal(regionIsInside(regionOf({ x: 9, y: 20, sigma: 2 }), 100, 100), false);
  });
});
