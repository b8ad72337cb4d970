import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { placePair } from "../../web/page/placement.ts";
import {
  linesOf,
  nearestLine,
  patchPlaces,
  type Scene,
} from "../../web/page/scene.ts";

const size = { width: 100, height: 100 };
const placement = placePair(size, size, { width: 206, height: 100 });

function sceneWith(changes: Partial<Scene> = {}): Scene {
  const keypoints = [20, 50, 80].map((y) => ({
    x: 9.5,
    y: y - 0.5,
    sigma: 2,
    angle: 0,
    response: 1,
  }));
  const photograph = {
    ...size,
    id: 7,
    name: "a.jpg",
    bitmap: undefined as never,
    keypoints,
  };
  return {
    left: photograph,
    right: photograph,
    counts: { left: 3, right: 3 },
    result: {
      matches: {
        left: Uint32Array.of(0, 1, 2),
        right: Uint32Array.of(0, 1, 0),
        distances: Float32Array.of(0.1, 0.2, 0.3),
        ratios: Float32Array.of(0.5, 0.5, 0.5),
      },
      geometry: {
        kind: "homography",
        matrix: [1, 0, 0, 0, 1, 0, 0, 0, 1],
        inliers: Uint32Array.of(0, 1),
        reason: null,
        inlierPixels: 3,
      },
      times: {},
    },
    showsKeypoints: false,
    showsOthers: false,
    ...changes,
  };
}

describe("linesOf", () => {
  it("joins the places of the matches that agree", () => {
    const lines = linesOf(sceneWith(), placement);
    assert.deepEqual(lines.map(({ match }) => match), [0, 1]);
    assert.deepEqual(lines[0].from, { x: 10, y: 20 });
    assert.deepEqual(lines[0].to, { x: 116, y: 20 });
  });

  it("draws those that disagree below the others, when they are wanted", () => {
    const lines = linesOf(sceneWith({ showsOthers: true }), placement);
    assert.deepEqual(lines.map(({ match }) => match), [2, 0, 1]);
    assert.deepEqual(lines.map(({ agrees }) => agrees), [false, true, true]);
  });

  it("draws all where no geometry is looked for", () => {
    const scene = sceneWith();
    scene.result!.geometry = { kind: "none" };
    assert.equal(linesOf(scene, placement).length, 3);
  });
});

describe("patchPlaces", () => {
  it("names the photographs and keypoints of a match that is shown", () => {
    const scene = sceneWith();
    scene.right = { ...scene.right, id: 9 };
    assert.deepEqual(patchPlaces(scene, scene.result!, 2), [
      { photograph: 7, keypoint: 2 },
      { photograph: 9, keypoint: 0 },
    ]);
  });
});

describe("nearestLine", () => {
  const lines = linesOf(sceneWith(), placement);

  it("finds the line that passes nearest, within reach", () => {
    assert.equal(nearestLine(lines, { x: 60, y: 23 }, 8)?.match, 0);
    assert.equal(nearestLine(lines, { x: 60, y: 46 }, 8)?.match, 1);
    assert.equal(nearestLine(lines, { x: 60, y: 35 }, 8), undefined);
  });

  it("counts a line only as far as it goes", () => {
    assert.equal(nearestLine(lines, { x: 1, y: 20 }, 8), undefined);
    assert.equal(nearestLine(lines, { x: 3, y: 20 }, 8)?.match, 0);
  });
});
