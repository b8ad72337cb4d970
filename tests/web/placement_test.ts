import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Place, placePair, pointIn } from "../../web/page/placement.ts";

const landscape = { width: 1000, height: 500 };
const portrait = { width: 300, height: 600 };

function isInside(
  { x, y, width, height }: Place,
  canvas: { width: number; height: number },
): boolean {
  const slack = 1e-9;
  return x >= -slack && y >= -slack && x + width <= canvas.width + slack &&
    y + height <= canvas.height + slack;
}

describe("placePair", () => {
  it("stands portraits side by side and lays landscapes one above the other, as the canvas has room", () => {
    const wide = placePair(portrait, portrait, { width: 900, height: 600 });
    assert.equal(wide.left.y, wide.right.y);
    assert.ok(wide.right.x >= wide.left.x + wide.left.width);
    const tall = placePair(landscape, landscape, { width: 400, height: 800 });
    assert.equal(tall.left.x, tall.right.x);
    assert.ok(tall.right.y >= tall.left.y + tall.left.height);
  });

  it("keeps proportions, fills one side of the canvas and leaves nothing out", () => {
    for (const [a, b] of [[landscape, portrait], [portrait, landscape]]) {
      for (const canvas of [landscape, portrait, { width: 700, height: 700 }]) {
        const { left, right } = placePair(a, b, canvas);
        for (const [place, size] of [[left, a], [right, b]] as const) {
          assert.ok(isInside(place, canvas));
          const proportion = place.width / place.height;
          assert.ok(Math.abs(proportion - size.width / size.height) < 1e-9);
          assert.ok(Math.abs(place.scale - place.width / size.width) < 1e-12);
        }
        const row = right.x + right.width - left.x;
        const column = right.y + right.height - left.y;
        const isFull = [
          row - canvas.width,
          column - canvas.height,
          left.width - canvas.width,
          left.height - canvas.height,
        ].some((rest) => Math.abs(rest) < 1e-9);
        assert.ok(isFull);
      }
    }
  });

  it("puts pixel (0, 0) half a pixel from the corner", () => {
    const place = { x: 10, y: 20, width: 100, height: 50, scale: 0.5 };
    assert.deepEqual(pointIn(place, 0, 0), { x: 10.25, y: 20.25 });
    assert.deepEqual(pointIn(place, 199.5, 99.5), { x: 110, y: 70 });
  });
});
