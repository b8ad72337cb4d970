import { ok } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  drawCameraGrid,
  gridRegion,
} from "../../../data/photographs/camera_grid.ts";
import {
  type DrawView,
  PatchCutter,
} from "../../../data/photographs/photo_patches.ts";
import { noChange } from "../../../data/photographs/photometric.ts";
import { RandomStream } from "../../../data/random.ts";
import {
  applyTo,
  compose,
  localScale,
  scaling,
  translation,
} from "../../../features/geometry/homography.ts";
import { planeOf } from "../../../features/images/plane.ts";
import { SamplingStack } from "../../../features/patches/sampling_stack.ts";
import { collage, correlation } from "../../helpers/data/test_images.ts";

const side = 64;

function regionOfSigma(sigma: number) {
  return compose(translation(160, 140), scaling(6 * sigma));
}

/** The region as it is, with this noise. */
function withNoise(noise: number): DrawView {
  return (region) => ({
    region,
    change: { ...noChange, noise },
    quality: 0,
  });
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe("a camera's grid over a patch", () => {
  it("covers it with its margins, with pixels about as large as the photograph's, 11 at least", () => {
    for (let at = 0; at < 300; at++) {
      const stream = new RandomStream(at, "grid");
      const sigma = 2 ** stream.uniform(-0.5, 4);
      const region = regionOfSigma(sigma);
      const grid = drawCameraGrid(region, stream);
      const { fromPatch, sidePixels, pixelsAcross } = grid;
      for (const [u, v] of [[-1, -1], [-1, 1], [1, -1], [1, 1]]) {
        const { x, y } = applyTo(fromPatch, u, v);
        const outermost = (Math.max(Math.abs(x), Math.abs(y)) + 1) / 2;
        ok(outermost * sidePixels <= sidePixels - 2, `${at}`);
      }
      const pitch = 2 * localScale(gridRegion(region, grid), 0, 0) / sidePixels;
      ok(pitch <= Math.SQRT2 + 1e-9 && pixelsAcross >= 11);
      ok(pitch >= Math.SQRT1_2 - 1e-9 || pixelsAcross === 11);
    }
  });
});

describe("a view with a camera's grain", () => {
  const photograph = new SamplingStack(planeOf(collage(320, 280, 5)));

  it("shows what the view without it shows", () => {
    const cutter = new PatchCutter(photograph, 211, "grain");
    for (const sigma of [3, 6, 12]) {
      const region = regionOfSigma(sigma);
      const cut = (hasGrain: boolean) =>
        cutter.cut(region, 1, 1, withNoise(0), { hasGrain }).slice();
      const agreement = correlation(cut(false), cut(true));
      ok(agreement > 0.97, `${sigma}: ${agreement}`);
    }
  });

  it("has noise of the camera's pixels: blotches in an enlarged patch, finer ones in a large one, others in each view", () => {
    const grey = new SamplingStack({
      width: 320,
      height: 280,
      values: new Float32Array(320 * 280).fill(120),
    });
    const cutter = new PatchCutter(grey, 211, "grain");
    const noiseOf = (sigma: number, view: number, hasGrain: boolean) => {
      const patch = cutter.cut(regionOfSigma(sigma), 1, view, withNoise(6), {
        hasGrain,
      });
      return [...patch].map((value) => value - 120);
    };
    const neighbours = (noise: number[]) => {
      const pairs = noise.map((value, at) => [value, noise[at + 1]])
        .filter((_, at) => at % side < side - 1);
      return meanOf(pairs.map(([a, b]) => a * b)) /
        meanOf(noise.map((value) => value * value));
    };
    ok(Math.abs(neighbours(noiseOf(1, 1, false))) < 0.1, "white without");
    const small = neighbours(noiseOf(1, 1, true));
    const large = neighbours(noiseOf(10, 1, true));
    ok(small > 0.8 && large < 0.5, `${small}, ${large}`);
    const [first, second] = [1, 2].map((view) => noiseOf(1, view, true));
    const common = meanOf(first.map((value, at) => value * second[at])) /
      meanOf(first.map((value) => value * value));
    ok(Math.abs(common) < 0.35, String(common));
  });
});
