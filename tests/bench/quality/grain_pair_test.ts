import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { RandomStream } from "../../../data/random.ts";
import { applyTo, localScale } from "../../../features/geometry/homography.ts";
import { cutPatches } from "../../../features/patches/cut_patches.ts";
import { planeOf } from "../../../features/images/plane.ts";
import { SamplingStack } from "../../../features/patches/sampling_stack.ts";
import { collage, correlation } from "../../helpers/data/test_images.ts";
import { drawGrainPair } from "./grain_pair.ts";

const numbers = [0, 1, 2, 3, 4, 5];
const photograph = new SamplingStack(planeOf(collage(700, 500, 3)));
const pairOf = (number: number, seen = photograph) =>
  drawGrainPair(seen, new RandomStream(7, "grain pair", number));

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe("drawGrainPair", () => {
  it("is a function of its stream", () => {
    assert.deepEqual(pairOf(0), pairOf(0));
    assert.notDeepEqual(pairOf(1).left, pairOf(0).left);
  });

  it("gives pictures that are alike where it says so", () => {
    const likeness = (shiftPixels: number) =>
      mean(numbers.map((number) => {
        const { left, right, toRight } = pairOf(number);
        const frames = [60, 80, 100, 120].flatMap((x) =>
          [60, 80, 100, 120].map((y) => {
            const to = applyTo(toRight, x, y);
            const ahead = applyTo(toRight, x + 1, y);
            return [
              { x, y, sigma: 2, angle: 0 },
              {
                x: to.x + shiftPixels,
                y: to.y,
                sigma: 2 * localScale(toRight, x, y),
                angle: Math.atan2(ahead.y - to.y, ahead.x - to.x),
              },
            ];
          })
        );
        const [first, second] = [left, right].map((picture, at) =>
          cutPatches(picture, frames.map((pair) => pair[at]), {
            sidePixels: 16,
          })
        );
        return mean(frames.map((_, at) =>
          correlation(
            first.subarray(256 * at, 256 * (at + 1)),
            second.subarray(256 * at, 256 * (at + 1)),
          )
        ));
      }));
    const exact = likeness(0);
    assert.ok(exact > 0.8, `${exact}`);
    for (const other of [likeness(-4), likeness(4)]) {
      assert.ok(other < exact - 0.2, `${other}, ${exact}`);
    }
  });

  it("gives each picture noise of its own", () => {
    const grey = new SamplingStack({
      width: 700,
      height: 500,
      values: new Float32Array(350_000).fill(128),
    });
    const spreads = numbers.map((number) => {
      const { left, right } = pairOf(number, grey);
      // Steps from row to row: of whole grey pictures, the slope of light is what they have in common.
      const steps = [left, right].map(({ pixels, width }) =>
        Uint8Array.from(
          { length: pixels.length - width },
          (_, at) => 128 + pixels[at] - pixels[at + width],
        )
      );
      const common = correlation(steps[0], steps[1]);
      assert.ok(Math.abs(common) < 0.1, `${common}`);
      return Math.sqrt(mean(Array.from(steps[0], (step) => (step - 128) ** 2)));
    });
    assert.ok(Math.min(...spreads) > 0.2, `${spreads}`);
    assert.ok(Math.max(...spreads) < 8, `${spreads}`);
  });
});
