import { deepEqual, ok } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  applyTo,
  compose,
  homography,
  rotation,
  scaling,
  translation,
} from "../../../features/geometry/homography.ts";
import { gaussianBlur, planeOf } from "../../../features/images/plane.ts";
import { wholeWindow } from "../../../features/images/plane_window.ts";
import {
  levelSigma,
  sampleWindow,
} from "../../../features/patches/sampling.ts";
import { SamplingStack } from "../../../features/patches/sampling_stack.ts";
import { collage } from "../../helpers/data/test_images.ts";

describe("resampling", () => {
  it("finds a ramp's values exactly under any homography", () => {
    const width = 200;
    const values = Float32Array.from(
      { length: width * 150 },
      (_, i) => 0.5 * (i % width) + 0.25 * Math.floor(i / width),
    );
    const stack = new SamplingStack({ width, height: 150, values });
    const map = compose(
      translation(100, 70),
      rotation(0.4),
      scaling(16),
      homography(1, 0, 0, 0, 1, 0, 0.1, -0.05, 1),
    );
    const into = new Float32Array(32 * 24);
    stack.sample(map, 32, 24, into);
    for (let j = 0; j < 24; j++) {
      for (let i = 0; i < 32; i++) {
        const point = applyTo(map, (2 * i + 1) / 32 - 1, (2 * j + 1) / 24 - 1);
        ok(Math.abs(into[j * 32 + i] - 0.5 * point.x - 0.25 * point.y) < 1e-3);
      }
    }
  });

  it("at pixel centres and step one gives the picture itself", () => {
    const image = collage(40, 30, 4);
    const stack = new SamplingStack(planeOf(image));
    const into = new Float32Array(1200);
    stack.sample(
      compose(translation(19.5, 14.5), scaling(20, 15)),
      40,
      30,
      into,
    );
    ok(into.every((value, i) => Math.abs(value - image.pixels[i]) < 1e-3));
  });

  it("repeats the border outside", () => {
    const stack = new SamplingStack({
      width: 2,
      height: 2,
      values: Float32Array.from([1, 2, 3, 4]),
    });
    const into = new Float32Array(4);
    stack.sample(
      compose(translation(0.5, 0.5), scaling(9)),
      2,
      2,
      into,
      1 / 100,
    );
    ok([...into].every((value, i) => value === i + 1), String(into));
  });

  it("of fine stripes at a coarse step gives their mean, not an alias", () => {
    const values = Float32Array.from(
      { length: 256 * 256 },
      (_, i) => (i & 1) * 200,
    );
    const stack = new SamplingStack({ width: 256, height: 256, values });
    const into = new Float32Array(1024);
    stack.sample(
      compose(translation(127.5, 127.5), scaling(100)),
      32,
      32,
      into,
    );
    ok(
      into.every((value) => Math.abs(value - 100) < 8),
      String(Math.max(...into)),
    );
  });

  it("softer than asked for loses contrast, more so the softer", () => {
    const stack = new SamplingStack(planeOf(collage(200, 200, 5)));
    const roughness = [1, 2, 4].map((softness) => {
      const into = new Float32Array(4096);
      stack.sample(
        compose(translation(100, 100), scaling(32)),
        64,
        64,
        into,
        softness,
      );
      let sum = 0;
      for (let i = 1; i < into.length; i++) {
        sum += Math.abs(into[i] - into[i - 1]);
      }
      return sum;
    });
    ok(
      roughness[0] > 1.1 * roughness[1] && roughness[1] > 1.1 * roughness[2],
      String(roughness),
    );
  });

  it("of a large picture blurs what a region needs, to the values of the whole blurred", () => {
    const [width, height] = [2100, 2000];
    const values = Float32Array.from(
      { length: width * height },
      (_, i) => (i * 2654435761 % 4294967296) / 2 ** 24,
    );
    const plane = { width, height, values };
    const stack = new SamplingStack(plane);
    const blurred = gaussianBlur(plane, levelSigma(2));
    const whole = {
      ...wholeWindow({ width, height, pixels: blurred.values }),
      values: blurred.values,
    };
    const perspective = homography(1, 0, 0, 0, 1, 0, 0.2, -0.1, 1);
    for (const [x, y] of [[900, 1200], [2, 1999], [2110, -5]]) {
      const map = compose(translation(x, y), scaling(32), perspective);
      const [found, right] = [new Float32Array(1024), new Float32Array(1024)];
      stack.sample(map, 32, 32, found);
      sampleWindow(whole, map, 32, 32, right);
      deepEqual(found, right, `at ${x}, ${y}`);
    }
  });
});
