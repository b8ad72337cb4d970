import { deepEqual, ok } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  detectorView,
  drawDetectorJitter,
} from "../../../data/photographs/detector_views.ts";
import { regionIsInside } from "../../../data/photographs/geometric_noise.ts";
import { RandomStream } from "../../../data/random.ts";
import { localScale, scaling } from "../../../features/geometry/homography.ts";
import { patchRegion } from "../../../features/patches/patch_region.ts";

const draws = 4000;

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function maps() {
  return Array.from(
    { length: draws },
    (_, i) => drawDetectorJitter(60, new RandomStream(i, "jitter test")),
  );
}

describe("a detector's jitter", () => {
  it("shifts, scales and turns as far as it was measured to", () => {
    // Means over the tilts 0° … 50° of the figures that tests/bench/detector_jitter.ts prints.
    const shifts = maps().map((map) => 6 * Math.hypot(map[2], map[5]));
    ok(Math.abs(median(shifts) - 0.13) < 0.02, `shift ${median(shifts)}`);
    const octaves = maps().map((map) =>
      Math.abs(Math.log2(localScale(map, 0, 0)))
    );
    ok(Math.abs(median(octaves) - 0.06) < 0.015, `scale ${median(octaves)}`);
    // The rotation closest to the map.
    const degrees = maps().map((map) =>
      Math.abs(Math.atan2(map[3] - map[1], map[0] + map[4])) * 180 / Math.PI
    );
    ok(Math.abs(mean(degrees) - 6.2) < 0.5, `angle ${mean(degrees)}`);
    ok(Math.max(...shifts) <= 1.5 + 1e-9 && Math.max(...octaves) <= 0.6 + 1e-9);
  });

  it("covers what a view from up to 50° aside shortens", () => {
    const ratios = maps().map(([a, b, , c, d]) => {
      const sum = a * a + b * b + c * c + d * d;
      const determinant = a * d - b * c;
      const root = Math.sqrt(Math.max(0, sum ** 2 - 4 * determinant ** 2));
      return Math.sqrt((sum + root) / (sum - root));
    });
    ok(Math.abs(median(ratios) - 1 / Math.cos(25 * Math.PI / 180)) < 0.02);
    const most = 1 / Math.cos(50 * Math.PI / 180);
    ok(Math.max(...ratios) < most + 1e-9 && Math.max(...ratios) > most - 0.02);
  });
});

describe("a detector's view", () => {
  const picture = { width: 300, height: 240 };
  const view = (region: Float64Array, seed: number) =>
    detectorView(region, picture, new RandomStream(seed, "view test"));

  it("stays inside the photograph where it can", () => {
    const corner = patchRegion({ x: 20, y: 20, sigma: 3, angle: 0 });
    for (let seed = 0; seed < 200; seed++) {
      ok(regionIsInside(view(corner, seed).region, 300, 240), String(seed));
    }
  });

  it("is compressed every other time, and shows less detail than the photograph's pixels", () => {
    const region = patchRegion({ x: 150, y: 120, sigma: 1.5, angle: 0.4 });
    const views = Array.from({ length: 400 }, (_, seed) => view(region, seed));
    const compressed = views.filter(({ quality }) => quality > 0);
    ok(compressed.length > 160 && compressed.length < 240);
    ok(compressed.every(({ quality }) => quality >= 20 && quality <= 95));
    // 18 pixels across 64 samples: softness counts from the photograph's pixel on.
    const step = 18 / 64;
    for (const { region, change } of views) {
      const own = step * localScale(region, 0, 0) / 9;
      ok(change.softness * own >= 0.99 && change.softness * own <= 2.31);
    }
  });

  it("is a function of the stream", () => {
    const region = scaling(20);
    deepEqual(view(region, 3), view(region, 3));
  });
});
