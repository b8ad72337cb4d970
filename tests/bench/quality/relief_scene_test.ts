import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { RandomStream } from "../../../data/random.ts";
import { planeOf } from "../../../features/images/plane.ts";
import { SamplingStack } from "../../../features/patches/sampling_stack.ts";
import { cutPatches } from "../../../features/patches/cut_patches.ts";
import { collage, correlation } from "../../helpers/data/test_images.ts";
import { ReliefScene, takePictures } from "./relief_scene.ts";

const size = { width: 240, height: 180 };
const textureSize = { width: 520, height: 240 };

/** A scene whose textures grow by one grey value a pixel along an axis: a grey value tells layer and place that it was taken from. */
function rampScene(axis: "x" | "y"): ReliefScene {
  const { width, height } = textureSize;
  const textures = [0, 1, 2].map((layer) => {
    const values = Float32Array.from(
      { length: width * height },
      (_, at) =>
        1000 * layer + (axis === "x" ? at % width : Math.floor(at / width)),
    );
    return new SamplingStack({ width, height, values });
  });
  return ReliefScene.draw(textures, size, new RandomStream(5, "ramps"));
}

/** The grey value between four pixels; undefined near an edge, where values leap, and outside. */
function smoothValue(
  values: Float32Array,
  x: number,
  y: number,
): number | undefined {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  if (column < 1 || column > size.width - 3) return;
  if (row < 1 || row > size.height - 3) return;
  const value = (right: number, down: number) =>
    values[(row + down) * size.width + column + right];
  const around = [-1, 0, 1, 2].flatMap((down) =>
    [-1, 0, 1, 2].map((right) => value(right, down))
  );
  if (Math.max(...around) - Math.min(...around) > 5) return;
  const between = (down: number) =>
    value(0, down) + (x - column) * (value(1, down) - value(0, down));
  return between(0) + (y - row) * (between(1) - between(0));
}

const places = Array.from({ length: size.width * size.height / 9 }, (_, at) => {
  const across = size.width / 3;
  return [3 * (at % across), 3 * Math.floor(at / across)];
});

describe("ReliefScene", () => {
  it("tells where the right picture shows what the left one does", () => {
    for (const axis of ["x", "y"] as const) {
      const scene = rampScene(axis);
      const compared = [0, 0, 0];
      for (const [x, y] of places) {
        const to = scene.rightPlace(x, y);
        if (to === undefined) continue;
        const shown = smoothValue(scene.left.values, x, y);
        const found = smoothValue(scene.right.values, to.x, to.y);
        if (shown === undefined || found === undefined) continue;
        assert.ok(Math.abs(shown - found) < 0.01, `${shown}, ${found}`);
        compared[Math.floor(shown / 1000)]++;
      }
      assert.ok(Math.min(...compared) > 100, `${compared} places compared`);
    }
  });

  it("calls hidden what the right picture shows nowhere", () => {
    const scene = rampScene("x");
    const hidden = [0, 0, 0];
    for (const [x, y] of places) {
      const value = smoothValue(scene.left.values, x, y);
      if (value === undefined || scene.rightPlace(x, y) !== undefined) continue;
      for (let column = 0; column < size.width; column++) {
        const shown = smoothValue(scene.right.values, column, y);
        // Nine to eleven pixels of the picture show ten of the texture.
        assert.ok(shown === undefined || Math.abs(shown - value) > 0.56);
      }
      hidden[Math.floor(value / 1000)]++;
    }
    assert.ok(Math.min(hidden[0], hidden[1]) > 50, `${hidden} places hidden`);
  });

  it("gives pictures that are alike where it says so, a function of their stream", () => {
    const textures = [1, 2, 3].map((seed) => {
      const { width, height } = textureSize;
      return new SamplingStack(planeOf(collage(width, height, seed)));
    });
    const take = (number: number) => {
      const stream = new RandomStream(5, "collages", number);
      const scene = ReliefScene.draw(textures, size, stream);
      return { scene, ...takePictures(scene, 1, stream) };
    };
    const { scene, left, right } = take(0);
    assert.deepEqual(take(0).right, right);
    assert.notDeepEqual(take(1).left, left);
    const likeness = (shift: number, isAtEdge = false) => {
      const pairs = places.flatMap(([x, y]) => {
        const frame = { x, y, sigma: 1, angle: 0 };
        const to = scene.rightPlace(x, y);
        if (to === undefined || scene.isAtEdge(frame) !== isAtEdge) return [];
        return [[frame, { ...frame, x: to.x + shift, y: to.y }]];
      });
      const [first, second] = [left, right].map((picture, at) =>
        cutPatches(picture, pairs.map((pair) => pair[at]), {
          sidePixels: 12,
        })
      );
      const alike = pairs.map((_, at) => {
        const [start, end] = [144 * at, 144 * (at + 1)];
        return correlation(
          first.subarray(start, end),
          second.subarray(start, end),
        );
      });
      return alike.reduce((sum, value) => sum + value, 0) / alike.length;
    };
    const exact = likeness(0);
    assert.ok(exact > 0.9, `${exact}`);
    for (const other of [likeness(-3), likeness(3), likeness(0, true)]) {
      assert.ok(other < 0.75, `${other}`);
    }
  });
});
