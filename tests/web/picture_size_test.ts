import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { pictureSize } from "../../web/page/picture_size.ts";
import { placePair, type Size } from "../../web/page/placement.ts";

const most = 4096;

/** What the photographs cover of a picture, as a share of it. */
function covered(left: Size, right: Size, size: Size): number {
  const places = placePair(left, right, size);
  const area = ({ width, height }: Size) => width * height;
  return (area(places.left) + area(places.right)) / area(size);
}

describe("pictureSize", () => {
  it("lays two alike beside each other, as wide as is asked for", () => {
    const landscape = { width: 1024, height: 768 };
    const { width, height } = pictureSize(landscape, landscape, 2048, most);
    assert.equal(width, 2048);
    assert.ok(Math.abs(height - 768) <= 3, `${height}`);
  });

  it("stays within the longest side beside a very high photograph", () => {
    const wide = { width: 4000, height: 3000 };
    const high = { width: 1080, height: 10_000 };
    for (const [left, right] of [[wide, high], [high, wide], [high, high]]) {
      const { width, height } = pictureSize(left, right, 2 * 4000, most);
      assert.ok(width <= most && height <= most, `${width}×${height}`);
      assert.ok(Math.max(width, height) > 3000, `${width}×${height}`);
    }
  });

  it("leaves next to nothing blank, whatever the proportions", () => {
    const aspects = [1 / 12, 1 / 3, 2 / 3, 1, 4 / 3, 16 / 9, 4, 12];
    for (const a of aspects) {
      for (const b of aspects) {
        const left = { width: 1000 * a, height: 1000 };
        const right = { width: 1500 * b, height: 1500 };
        const size = pictureSize(left, right, 3000, most);
        const share = covered(left, right, size);
        const shown = `${a} and ${b}: ${size.width}×${size.height}, ${share}`;
        assert.ok(Math.max(size.width, size.height) <= most, shown);
        assert.ok(share > 0.96, shown);
      }
    }
  });
});
