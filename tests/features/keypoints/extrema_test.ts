import { deepEqual, equal, ok } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { RandomStream } from "../../../data/random.ts";
import { findExtrema } from "../../../features/keypoints/extrema.ts";
import { refineExtremum } from "../../../features/keypoints/refine.ts";

const side = 24;
const octave = { width: side, height: side };
const tile = { left: 0, top: 0, ...octave };

function stackOf(value: (x: number, y: number, layer: number) => number) {
  const layers = Array.from(
    { length: 5 },
    (_, layer) =>
      Float32Array.from(
        { length: side * side },
        (_, i) => value(i % side, Math.floor(i / side), layer),
      ),
  );
  return { ...tile, layers };
}

function extremaOf(stack: ReturnType<typeof stackOf>, minima: boolean) {
  const found: number[][] = [];
  findExtrema(stack, tile, octave, 0.1, minima, (...at) => found.push(at));
  return found;
}

describe("extrema", () => {
  it("are the samples above or below all 26 neighbours", () => {
    const stream = new RandomStream(2, "extrema");
    const stack = stackOf(() => stream.uniform(-1, 1));
    const wanted: number[][] = [];
    for (let layer = 1; layer < 4; layer++) {
      for (let y = 5; y < side - 5; y++) {
        for (let x = 5; x < side - 5; x++) {
          const around: number[] = [];
          for (let n = 0; n < 27; n++) {
            if (n === 13) continue;
            const [dx, dy] = [n % 3 - 1, Math.floor(n / 3) % 3 - 1];
            const other = stack.layers[layer + Math.floor(n / 9) - 1];
            around.push(other[(y + dy) * side + x + dx]);
          }
          const value = stack.layers[layer][y * side + x];
          const isMaximum = value >= 0.1 && value > Math.max(...around);
          const isMinimum = value <= -0.1 && value < Math.min(...around);
          if (isMaximum || isMinimum) wanted.push([x, y, layer]);
        }
      }
    }
    ok(wanted.length > 10, String(wanted.length));
    deepEqual(extremaOf(stack, true), wanted);
    ok(extremaOf(stack, false).length < wanted.length);
  });

  it("of equal samples side by side are one, the first", () => {
    for (const sign of [1, -1]) {
      for (
        const step of [[1, 0, 0], [0, 1, 0], [1, 1, 0], [-1, 1, 0], [0, 0, 1]]
      ) {
        const [dx, dy, dl] = step;
        const stack = stackOf((x, y, layer) =>
          (x === 10 && y === 11 && layer === 1) ||
            (x === 10 + dx && y === 11 + dy && layer === 1 + dl)
            ? sign
            : 0
        );
        deepEqual(extremaOf(stack, true), [[10, 11, 1]]);
      }
    }
  });
});

describe("an extremum between samples", () => {
  const quadratic = (x: number, y: number, layer: number) => {
    const [a, b, c] = [x - 11.3, y - 12.2, layer - 2.15];
    return 9 - 0.5 * a * a - 0.4 * b * b - 0.7 * c * c + 0.1 * a * b +
      0.05 * b * c - 0.08 * a * c;
  };

  it("of a quadratic is exact, from whichever sample near it the search starts", () => {
    for (const [x, y, layer] of [[11, 12, 2], [12, 13, 2], [9, 14, 1]]) {
      const found = refineExtremum(stackOf(quadratic), octave, x, y, layer, 10);
      ok(found !== undefined);
      ok(Math.abs(found.x - 11.3) < 1e-5);
      ok(Math.abs(found.y - 12.2) < 1e-5);
      ok(Math.abs(found.scale - 2.15) < 1e-5);
      ok(Math.abs(found.response - 9) < 1e-5);
      deepEqual([found.sampleX, found.sampleY, found.layer], [11, 12, 2]);
    }
  });

  it("is none on an edge, on a plain, or beyond the octave's border", () => {
    const edge = stackOf((x, y, layer) =>
      9 - (x - 11) ** 2 - 0.05 * (y - 12) ** 2 - (layer - 2) ** 2
    );
    equal(refineExtremum(edge, octave, 11, 12, 2, 10), undefined);
    ok(refineExtremum(edge, octave, 11, 12, 2, 25) !== undefined);
    const plain = stackOf(() => 3);
    equal(refineExtremum(plain, octave, 11, 12, 2, 10), undefined);
    const beyond = stackOf((x, y, layer) =>
      9 - (x - 4) ** 2 - (y - 12) ** 2 - (layer - 2) ** 2
    );
    equal(refineExtremum(beyond, octave, 6, 12, 2, 10), undefined);
  });
});
