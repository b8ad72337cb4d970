import { deepEqual, equal, ok } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { wholeWindow } from "../../../features/images/plane_window.ts";
import { mainDirections } from "../../../features/keypoints/orientation.ts";
import { angleBetween } from "../../helpers/features/repeatability.ts";

/** A layer of 61 × 61 samples from a function of the place about its middle. */
function layer(value: (x: number, y: number) => number) {
  const values = Float32Array.from(
    { length: 61 * 61 },
    (_, i) => value(i % 61 - 30, Math.floor(i / 61) - 30),
  );
  const picture = { width: 61, height: 61, pixels: values };
  return { ...wholeWindow(picture), values };
}

describe("the main direction", () => {
  it("is that in which a slope rises, clockwise from the x axis", () => {
    for (let angle = 0.02; angle < 2 * Math.PI; angle += 0.4) {
      const slope = layer((x, y) => x * Math.cos(angle) + y * Math.sin(angle));
      const directions = mainDirections(slope, 30.2, 29.9, 3);
      equal(directions.length, 1);
      // All gradients fall into one bin of ten degrees.
      ok(angleBetween(directions[0], angle) < 0.09, `${directions} ${angle}`);
    }
  });

  it("is the mean of slopes that differ a little", () => {
    const bent = layer((x, y) => x + 0.008 * x * y + 0.1 * y);
    const [direction] = mainDirections(bent, 30, 30, 3);
    ok(angleBetween(direction, Math.atan2(0.1, 1)) < 0.04, String(direction));
  });

  it("splits in two where two are nearly as strong, and not where one is much weaker", () => {
    /** Two slopes that meet in a valley. */
    const wedge = (right: number, down: number) =>
      layer((x, y) => Math.max(right * x, down * y));
    const directions = mainDirections(wedge(2, 2), 30, 30, 3);
    equal(directions.length, 2);
    ok(angleBetween(directions[0], 0) < 0.05, String(directions));
    ok(angleBetween(directions[1], Math.PI / 2) < 0.05, String(directions));
    const alone = mainDirections(wedge(2, 0.8), 30, 30, 3);
    equal(alone.length, 1);
    ok(angleBetween(alone[0], 0) < 0.05, String(alone));
  });

  it("of a flat place is 0", () => {
    deepEqual(mainDirections(layer(() => 50), 30, 30, 3), [0]);
  });

  it("is found at the border of a picture too", () => {
    const slope = layer((x) => 2 * x);
    for (const [x, y] of [[5, 5], [55, 5], [5, 55], [55.4, 55.4]]) {
      deepEqual(mainDirections(slope, x, y, 3.5), [0]);
    }
  });
});
