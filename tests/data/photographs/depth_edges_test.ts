import { deepEqual, ok } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { DepthEdge } from "../../../data/photographs/depth_edges.ts";
import { RandomStream } from "../../../data/random.ts";
import {
  compose,
  scaling,
  translation,
} from "../../../features/geometry/homography.ts";
import { SamplingStack } from "../../../features/patches/sampling_stack.ts";

const side = 32;
const middle = side / 2 * side + side / 2;
const halfSide = 16;
const region = compose(translation(190, 140), scaling(halfSide));
const sizes = { width: 400, height: 300 };

/** A picture whose grey values are the columns' numbers, or the rows': a moved surface differs by how far it moved. */
function ramp(axis: "x" | "y"): SamplingStack {
  const { width, height } = sizes;
  const values = Float32Array.from(
    { length: width * height },
    (_, at) => axis === "x" ? at % width : Math.floor(at / width),
  );
  return new SamplingStack({ ...sizes, values });
}

const ramps = [ramp("x"), ramp("y")];

/** By how much each pixel's content moved, along x and y. */
function movesOf(edge: DepthEdge, view: number, label: number) {
  return ramps.map((picture) => {
    const values = new Float32Array(side * side);
    picture.sample(region, side, side, values);
    const before = values.slice();
    const stream = view === 0
      ? undefined
      : new RandomStream(211, "parallax", label, view);
    edge.cover(picture, region, side, 1, values, stream);
    return values.map((value, at) => value - before[at]);
  });
}

/** Largest value by magnitude. */
function extreme(values: Float32Array): number {
  return values.reduce((most, value) =>
    Math.abs(value) > Math.abs(most) ? value : most
  );
}

/** How many pixels show the other surface alone. */
function wholePixels([x, y]: Float32Array[]): number {
  const most = Math.hypot(extreme(x), extreme(y));
  return x.filter((move, at) => Math.hypot(move, y[at]) > 0.999 * most).length;
}

const edges = Array.from({ length: 100 }, (_, label) => ({
  label,
  edge: new DepthEdge(region, sizes, new RandomStream(211, "edge", label)),
}));

describe("a depth edge", () => {
  it("leaves the keypoint uncovered in every view, and covers a part of what is about it", () => {
    let covered = 0;
    for (const { edge, label } of edges) {
      for (const view of [0, 1, 2]) {
        const [x, y] = movesOf(edge, view, label);
        ok(Math.abs(x[middle]) < 1e-3 && Math.abs(y[middle]) < 1e-3);
        const most = extreme(x);
        covered += x.filter((move) => Math.abs(move) > Math.abs(most) / 2)
          .length;
      }
    }
    const share = covered / (3 * edges.length * side * side);
    ok(share > 0.15 && share < 0.4, String(share));
  });

  it("has one surface beyond it, which moves by 1.5 half sides at most from the first view to another", () => {
    const lengths: number[] = [];
    for (const { edge, label } of edges) {
      const first = movesOf(edge, 0, label).map(extreme);
      for (const view of [1, 2]) {
        const moves = movesOf(edge, view, label);
        const most = moves.map(extreme);
        for (let at = 0; at < side * side; at++) {
          const across = moves[0][at] * most[1] - moves[1][at] * most[0];
          ok(Math.abs(across) <= 1e-2 * Math.hypot(...most), "one surface");
        }
        const length = Math.hypot(most[0] - first[0], most[1] - first[1]);
        // Where hardly any of the surface is seen it cannot be measured.
        if (wholePixels(moves) > 20) lengths.push(length / halfSide);
      }
    }
    ok(lengths.length > 150, String(lengths.length));
    ok(Math.max(...lengths) < 1.51, String(Math.max(...lengths)));
    ok(Math.max(...lengths) > 1.2);
  });

  it("goes with the nearer surface: it stays where the other is farther, and moves with it where that is nearer", () => {
    let still = 0;
    for (const { edge, label } of edges) {
      const masks = [0, 1, 2].map((view) => {
        const [x] = movesOf(edge, view, label);
        const most = extreme(x);
        return [...x].map((move) => move / most > 0.5);
      });
      const isStill = masks.slice(1).every((mask) =>
        mask.every((covered, at) => covered === masks[0][at])
      );
      if (isStill) still++;
    }
    ok(still >= 35 && still <= 65, `${still} of 100 stay`);
  });

  it("is the same whenever it is drawn from the same numbers", () => {
    const again = new DepthEdge(
      region,
      sizes,
      new RandomStream(211, "edge", 7),
    );
    deepEqual(movesOf(again, 2, 7), movesOf(edges[7].edge, 2, 7));
  });

  it("fits into a photograph hardly larger than the region", () => {
    const small = new SamplingStack({
      width: 33,
      height: 33,
      values: new Float32Array(33 * 33).fill(90),
    });
    const whole = compose(translation(16, 16), scaling(16));
    const edge = new DepthEdge(whole, small, new RandomStream(1, "edge"));
    const values = new Float32Array(side * side).fill(90);
    edge.cover(small, whole, side, 1, values, new RandomStream(1, "parallax"));
    ok(values.every((value) => value === 90));
  });
});
