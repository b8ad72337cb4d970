import { deepEqual, equal, ok } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  asStored,
  storedSize,
  toStoredPixels,
} from "../../../data/exchange/stored_picture.ts";
import type { Orientation } from "../../../data/images/grey_image.ts";
import { upright } from "../../../data/images/orientation.ts";
import { applyTo } from "../../../features/geometry/homography.ts";
import { madeUpPhotograph } from "../../helpers/data/exchange_sample.ts";

const orientations = [1, 2, 3, 4, 5, 6, 7, 8] as const;

describe("a picture as its file stores it", () => {
  for (const orientation of orientations) {
    it(`is found through orientation ${orientation}`, () => {
      const stored = {
        width: 3,
        height: 2,
        pixels: Uint8Array.of(10, 11, 12, 13, 14, 15),
      };
      const picture = upright(stored, orientation);
      equal(picture.orientation, orientation === 1 ? undefined : orientation);
      const facts = { ...picture, name: "a", count: 0, orientation };
      deepEqual(storedSize(facts), { width: 3, height: 2 });
      for (let y = 0; y < picture.height; y++) {
        for (let x = 0; x < picture.width; x++) {
          const at = applyTo(toStoredPixels(facts), x, y);
          equal(
            stored.pixels[3 * at.y + at.x],
            picture.pixels[picture.width * y + x],
          );
        }
      }
    });

    it(`has the keypoints where they are through orientation ${orientation}`, () => {
      const facts = { width: 40, height: 30, orientation, name: "a", count: 6 };
      const photograph = madeUpPhotograph(facts);
      const moved = asStored(photograph);
      const map = toStoredPixels(photograph);
      for (let at = 0; at < 30; at += 5) {
        const [x, y, sigma, angle, response] = photograph.keypoints.subarray(
          at,
        );
        const [u, v, size, turned, strength] = moved.keypoints.subarray(at);
        const place = applyTo(map, x, y);
        const ahead = applyTo(map, x + Math.cos(angle), y + Math.sin(angle));
        const close = (a: number, b: number) => ok(Math.abs(a - b) < 1e-9);
        close(u, place.x);
        close(v, place.y);
        close(Math.cos(turned), ahead.x - place.x);
        close(Math.sin(turned), ahead.y - place.y);
        ok(turned >= 0 && turned < 2 * Math.PI);
        deepEqual([size, strength], [sigma, response]);
        const { width, height }: { width: number; height: number } = moved;
        ok(u >= 0 && u <= width - 1 && v >= 0 && v <= height - 1);
      }
      equal(moved.orientation satisfies Orientation, 1);
    });
  }
});
