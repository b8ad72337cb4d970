import { deepEqual, ok } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { compressLikeJpeg } from "../../../data/photographs/compression.ts";
import { RandomStream } from "../../../data/random.ts";

const side = 64;

function texture(seed: number): Uint8Array {
  const stream = new RandomStream(seed, "texture");
  const [a, b, c] = [stream.uniform(0.1, 1), stream.uniform(0.1, 1), 30];
  return Uint8Array.from({ length: side * side }, (_, at) => {
    const [x, y] = [at % side, Math.floor(at / side)];
    return 128 + 60 * Math.sin(a * x) * Math.cos(b * y) +
      c * (stream.uniform() - 0.5);
  });
}

function compressed(pixels: Uint8Array, quality: number, seed: number) {
  const copy = pixels.slice();
  compressLikeJpeg(copy, side, quality, new RandomStream(seed, "grid"));
  return copy;
}

function meanError(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) /
    a.length;
}

/** A coefficient of the orthonormal cosine transform by its definition. */
function coefficient(
  pixels: Uint8Array,
  left: number,
  top: number,
  u: number,
  v: number,
): number {
  let sum = 0;
  for (let y = 0; y < 8; y++) {
    for (let x = 0; x < 8; x++) {
      sum += (pixels[(top + y) * side + left + x] - 128) *
        Math.cos((2 * x + 1) * u * Math.PI / 16) *
        Math.cos((2 * y + 1) * v * Math.PI / 16);
    }
  }
  return sum * (u === 0 ? Math.SQRT1_2 : 1) * (v === 0 ? Math.SQRT1_2 : 1) / 4;
}

describe("compression like a JPEG's", () => {
  it("leaves cosine coefficients at whole steps of the standard's table", () => {
    // The first and last steps of the table at quality 50, where it stands as it is: (u, v, step).
    const steps = [[0, 0, 16], [1, 0, 11], [0, 1, 12], [7, 0, 61], [0, 7, 72], [
      7,
      7,
      99,
    ]];
    const grid = new RandomStream(4, "grid");
    const left = (8 - grid.integer(8)) % 8;
    const top = (8 - grid.integer(8)) % 8;
    const pixels = compressed(texture(1), 50, 4);
    for (const [u, v, step] of steps) {
      const value = coefficient(pixels, left + 16, top + 24, u, v) / step;
      // Rounding to 8 bits moves a coefficient by a few tenths of a grey value.
      ok(
        Math.abs(value - Math.round(value)) * step < 1.5,
        `(${u}, ${v}): ${value} steps of ${step}`,
      );
    }
  });

  it("loses ever more with lower quality, and next to nothing at 100", () => {
    const original = texture(2);
    const errors = [100, 90, 60, 30, 10].map((quality) =>
      meanError(original, compressed(original, quality, 9))
    );
    deepEqual(errors, [...errors].sort((a, b) => a - b));
    ok(errors[0] < 0.5 && errors[2] > 2 && errors[4] > 5, errors.join(" "));
  });

  it("keeps flat grey and stays within 8 bits at hard edges", () => {
    for (const grey of [0, 128, 255]) {
      const flat = new Uint8Array(side * side).fill(grey);
      ok(meanError(flat, compressed(flat, 30, 1)) <= 8);
    }
    const edge = Uint8Array.from(
      { length: side * side },
      (_, at) => at % side < 29 ? 0 : 255,
    );
    const after = compressed(edge, 50, 2);
    ok(after[0] < 40 && after[side - 1] > 215);
  });

  it("is a function of the stream: another grid, another loss", () => {
    const original = texture(3);
    const once = compressed(original, 40, 5);
    deepEqual(compressed(original, 40, 5), once);
    ok(meanError(once, compressed(original, 40, 6)) > 0);
  });
});
