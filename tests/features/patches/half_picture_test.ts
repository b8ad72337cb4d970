import { deepEqual, equal, ok } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  gaussianBlur,
  planeOf,
  takeEverySecondPixel,
} from "../../../features/images/plane.ts";
import { halvePicture } from "../../../features/patches/half_picture.ts";
import { collage } from "../../helpers/data/test_images.ts";

describe("half a picture", () => {
  it("is every second pixel of the blurred whole, also where it is made band by band", () => {
    for (const [width, height] of [[31, 601], [20, 8], [1, 1], [3, 2]]) {
      const image = collage(width, height, 4);
      const blurred = gaussianBlur(planeOf(image), Math.sqrt(3) / 2);
      const half = halvePicture(image);
      equal(half.width, (width + 1) >> 1);
      equal(half.height, (height + 1) >> 1);
      deepEqual(half.pixels, takeEverySecondPixel(blurred).values);
    }
  });

  it("keeps a flat picture flat", () => {
    const pixels = new Uint8Array(900).fill(77);
    const half = halvePicture({ width: 30, height: 30, pixels });
    ok(half.pixels.every((value) => Math.abs(value - 77) < 1e-3));
  });
});
