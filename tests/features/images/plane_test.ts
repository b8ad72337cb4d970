import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  gaussianBlur,
  planeOf,
  takeEverySecondPixel,
} from "../../../features/images/plane.ts";
import { collage } from "../../helpers/data/test_images.ts";

describe("a Gaussian blur", () => {
  it("spreads a point into the Gaussian of its sigma, in both directions alike", () => {
    const values = new Float32Array(41 * 41);
    values[20 * 41 + 20] = 1;
    const { values: blurred } = gaussianBlur(
      { width: 41, height: 41, values },
      2.5,
    );
    let sum = 0, varianceX = 0, varianceY = 0;
    blurred.forEach((value, i) => {
      sum += value;
      varianceX += value * (i % 41 - 20) ** 2;
      varianceY += value * (Math.floor(i / 41) - 20) ** 2;
    });
    ok(Math.abs(sum - 1) < 1e-5);
    ok(Math.abs(Math.sqrt(varianceX) - 2.5) < 0.03, String(varianceX));
    ok(Math.abs(varianceX - varianceY) < 1e-4);
  });

  it("leaves a flat picture flat up to its border, whatever its size", () => {
    for (const [width, height] of [[1, 1], [3, 50], [20, 2]]) {
      const plane = {
        width,
        height,
        values: new Float32Array(width * height).fill(70),
      };
      ok(
        gaussianBlur(plane, 4).values.every((value) =>
          Math.abs(value - 70) < 1e-3
        ),
      );
    }
  });

  it("of no width copies", () => {
    const plane = planeOf(collage(9, 9, 1));
    const copy = gaussianBlur(plane, 0);
    deepEqual(copy.values, plane.values);
    notEqual(copy.values, plane.values);
  });
});

describe("every second pixel", () => {
  it("starts with the first, for odd and even sizes", () => {
    const values = Float32Array.from({ length: 15 }, (_, i) => i);
    const half = takeEverySecondPixel({ width: 5, height: 3, values });
    deepEqual([...half.values], [0, 2, 4, 10, 12, 14]);
    equal(half.width, 3);
    equal(takeEverySecondPixel({ width: 4, height: 2, values }).width, 2);
  });
});
