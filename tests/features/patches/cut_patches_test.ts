import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { RandomStream } from "../../../data/random.ts";
import { FeatureError } from "../../../features/errors.ts";
import { planeOf } from "../../../features/images/plane.ts";
import { cutPatches } from "../../../features/patches/cut_patches.ts";
import { patchRegion } from "../../../features/patches/patch_region.ts";
import { SamplingStack } from "../../../features/patches/sampling_stack.ts";
import { collage } from "../../helpers/data/test_images.ts";
import { cutPatchReference } from "../../reference/cut_patch.ts";

/** Keypoints of all sizes and turns, some near and beyond the border. */
function drawKeypoints(count: number, width: number, height: number) {
  const stream = new RandomStream(1, "keypoints of a patch test");
  return Array.from({ length: count }, () => ({
    x: stream.uniform(-10, width + 10),
    y: stream.uniform(-10, height + 10),
    sigma: 2 ** stream.uniform(0, 4),
    angle: stream.uniform(0, 2 * Math.PI),
  }));
}

describe("cutting patches", () => {
  it("agrees with a plain statement of it in float64, within the rounding to 8 bits", () => {
    const width = 90;
    const height = 70;
    const at = (x: number, y: number) =>
      120 + 60 * Math.sin(0.31 * x + 0.12 * y) + 50 * Math.cos(0.23 * y);
    const pixels = Float32Array.from(
      { length: width * height },
      (_, i) => at(i % width, Math.floor(i / width)),
    );
    const keypoints = drawKeypoints(24, width, height)
      .map((keypoint) => ({ ...keypoint, sigma: keypoint.sigma / 2 }));
    for (const [sidePixels, sideSigmas] of [[16, 12], [8, 24], [64, 10]]) {
      const options = { sidePixels, sideSigmas };
      const patches = cutPatches({ width, height, pixels }, keypoints, options);
      keypoints.forEach((keypoint, number) => {
        const picture = { width, height, at };
        const wanted = cutPatchReference(
          picture,
          keypoint,
          sidePixels,
          sideSigmas,
        );
        wanted.forEach((value, i) => {
          const found = patches[number * wanted.length + i];
          ok(Math.abs(found - value) < 0.501, `${number} ${found} ${value}`);
        });
      });
    }
  });

  it("shows the picture of waves that the Gaussian of half a sample leaves of them", () => {
    const side = 400;
    const frequency = 0.05;
    const pixels = Float32Array.from(
      { length: side * side },
      (_, i) => 128 + 100 * Math.sin(frequency * (i % side)),
    );
    const keypoint = { x: 200, y: 200, sigma: 64 / 3, angle: Math.PI / 2 };
    const patch = cutPatches({ width: side, height: side, pixels }, [keypoint]);
    // 12 · 64/3 = 256 pixels wide, 8 pixels a sample; upright the patch's rows run along the picture's columns, backwards.
    const blur = Math.exp(-(frequency ** 2) * 0.25 * 63 / 2);
    for (let j = 0; j < 32; j++) {
      const x = 200 - (j - 15.5) * 8;
      const wanted = 128 + 100 * blur * Math.sin(frequency * x);
      for (let i = 0; i < 32; i++) {
        ok(Math.abs(patch[j * 32 + i] - wanted) < 0.7, `${j} ${i} ${wanted}`);
      }
    }
  });

  it("gives each patch as if it were the only one, and as a stack of blurred copies gives it", () => {
    const image = collage(700, 600, 3);
    const stack = new SamplingStack(planeOf(image));
    const keypoints = drawKeypoints(150, 700, 600);
    keypoints.push({ x: 300, y: 200, sigma: 150, angle: 1 });
    const patches = cutPatches(image, keypoints);
    equal(patches.length, keypoints.length * 1024);
    const values = new Float32Array(1024);
    keypoints.forEach((keypoint, number) => {
      const patch = patches.subarray(number * 1024, (number + 1) * 1024);
      stack.sample(patchRegion(keypoint), 32, 32, values);
      deepEqual(
        [...patch],
        Array.from(values, (value) => Math.floor(value + 0.5)),
      );
    });
    deepEqual(cutPatches(image, [keypoints[7]]), patches.slice(7168, 8192));
  });

  it("turns a patch upright by the keypoint's angle", () => {
    const image = collage(200, 200, 5);
    const turned = { ...image, pixels: image.pixels.slice() };
    // The picture turned clockwise by 90°: pixel (x, y) goes to (199 − y, x).
    for (let y = 0; y < 200; y++) {
      for (let x = 0; x < 200; x++) {
        turned.pixels[x * 200 + 199 - y] = image.pixels[y * 200 + x];
      }
    }
    const upright = { x: 80, y: 110, sigma: 4, angle: 0.5 };
    const clockwise = {
      x: 199 - 110,
      y: 80,
      sigma: 4,
      angle: 0.5 + Math.PI / 2,
    };
    const first = cutPatches(image, [upright]);
    const second = cutPatches(turned, [clockwise]);
    ok(first.every((value, i) => Math.abs(value - second[i]) <= 1));
  });

  it("of a patch far larger than its grid uses reduced pictures and still shows the mean of fine stripes", () => {
    const side = 3000;
    const pixels = Uint8Array.from(
      { length: side * side },
      (_, i) => (i & 1) * 200,
    );
    const keypoint = { x: 1500, y: 1500, sigma: 200, angle: 0 };
    const patch = cutPatches({ width: side, height: side, pixels }, [keypoint]);
    // Half a sample's Gaussian leaves 5 % of the finest stripes there are.
    ok(patch.every((value) => Math.abs(value - 100) <= 6));
  });

  it("saturates what real-valued pictures have beyond 8 bits", () => {
    const pixels = Float32Array.from([-50, -50, 400, 400]);
    const keypoint = { x: 0.5, y: 0.5, sigma: 0.2, angle: Math.PI / 2 };
    const patch = cutPatches({ width: 2, height: 2, pixels }, [keypoint]);
    equal(Math.min(...patch), 0);
    equal(Math.max(...patch), 255);
  });

  it("works in pictures of a single row or pixel", () => {
    for (const [width, height] of [[1, 1], [40, 1]]) {
      const pixels = new Uint8Array(width * height).fill(9);
      const keypoint = { x: 0, y: 0, sigma: 300, angle: 0 };
      const patch = cutPatches({ width, height, pixels }, [keypoint]);
      ok(patch.every((value) => value === 9));
    }
  });

  it("refuses what it cannot cut in one line", () => {
    const picture = collage(40, 40, 1);
    const keypoint = { x: 5, y: 5, sigma: 2, angle: 0 };
    const refused: [() => void, RegExp][] = [
      [
        () => cutPatches({ ...picture, width: 41 }, [keypoint]),
        /^Cannot cut patches: the picture: found 1600 values for 41×40 pixels, wanted one grey value for each/,
      ],
      [
        () => cutPatches(picture, [keypoint, { ...keypoint, x: NaN }]),
        /keypoint 1: found x NaN/,
      ],
      [() => cutPatches(picture, [{ ...keypoint, sigma: 0 }]), /sigma 0/],
      [() => cutPatches(picture, [], { sidePixels: 1.5 }), /sidePixels/],
      [() => cutPatches(picture, [], { sideSigmas: -12 }), /sideSigmas/],
    ];
    for (const [attempt, message] of refused) {
      throws(attempt, (error) => {
        ok(error instanceof FeatureError);
        ok(message.test(error.message), error.message);
        return true;
      });
    }
  });
});
