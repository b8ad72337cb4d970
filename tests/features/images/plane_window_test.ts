import { deepEqual } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { RandomStream } from "../../../data/random.ts";
import { gaussianBlur, planeOf } from "../../../features/images/plane.ts";
import {
  blurWindow,
  gaussianRadius,
  grow,
  wholeWindow,
} from "../../../features/images/plane_window.ts";
import { collage } from "../../helpers/data/test_images.ts";

describe("the blur of a window", () => {
  it("is that of the whole picture there, bit for bit, from as little of it as is needed", () => {
    const image = collage(61, 47, 2);
    const stream = new RandomStream(3, "windows");
    for (let trial = 0; trial < 40; trial++) {
      const sigma = trial === 0 ? 0 : stream.uniform(0.2, 6);
      const left = stream.integer(61);
      const top = stream.integer(47);
      const target = {
        left,
        top,
        width: 1 + stream.integer(61 - left),
        height: 1 + stream.integer(47 - top),
      };
      const needed = grow(target, gaussianRadius(sigma, 3.5), 61, 47);
      const source = blurWindow(wholeWindow(image), 0, needed, 3.5);
      const window = blurWindow(source, sigma, target, 3.5);
      const whole = gaussianBlur(planeOf(image), sigma).values;
      const wanted = Float32Array.from(
        { length: target.width * target.height },
        (_, i) =>
          whole[
            (top + Math.floor(i / target.width)) * 61 + left + i % target.width
          ],
      );
      deepEqual(window.values, wanted);
    }
  });
});
