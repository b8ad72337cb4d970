import { equal, ok } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { pressDescriptors } from "../../../data/exchange/pressed_descriptors.ts";
import { matchDescriptors } from "../../../features/matching/match_descriptors.ts";
import { RandomStream } from "../../../data/random.ts";

const dimension = 128;

function unitRows(count: number, stream: RandomStream): Float32Array {
  const rows = new Float32Array(count * dimension);
  for (let i = 0; i < count; i++) {
    const row = Array.from({ length: dimension }, () => stream.normal());
    const length = Math.hypot(...row);
    rows.set(row.map((value) => value / length), dimension * i);
  }
  return rows;
}

/** Angle of two rows as COLMAP's SIFT matcher has it. */
function colmapAngle(a: Uint8Array, b: Uint8Array): number {
  const dot = a.reduce((sum, value, k) => sum + value * b[k], 0);
  return Math.acos(Math.min(1, dot / 512 ** 2));
}

describe("descriptors pressed into bytes", () => {
  it("have the length that COLMAP's matcher supposes", () => {
    const rows = unitRows(200, new RandomStream(1, "press"));
    const pressed = pressDescriptors(rows, dimension);
    for (let i = 0; i < 200; i++) {
      const row = pressed.subarray(dimension * i, dimension * (i + 1));
      const length = Math.hypot(...row);
      ok(Math.abs(length - 512) < 2, String(length));
    }
  });

  it("are those of the row at length 1 where a network does not normalise", () => {
    const rows = unitRows(20, new RandomStream(3, "press"));
    const longer = rows.map((value) => 8 * value);
    const pressed = pressDescriptors(rows, dimension);
    const apart = pressDescriptors(longer, dimension)
      .filter((value, i) => Math.abs(value - pressed[i]) > 1);
    equal(apart.length, 0);
  });

  it("match as the signed ones do", () => {
    const stream = new RandomStream(2, "press");
    const left = unitRows(300, stream);
    const noise = unitRows(300, stream);
    // Rows at about 40 degrees from their partners.
    const right = left.map((value, i) => 0.77 * value + 0.64 * noise[i]);
    const as32 = (rows: Float32Array) =>
      Float32Array.from(pressDescriptors(rows, dimension));
    const options = { ratio: 0.8 };
    const signed = matchDescriptors(left, right, dimension, options);
    const pressed = matchDescriptors(
      as32(left),
      as32(right),
      dimension,
      options,
    );
    const partners = new Map(
      [...signed.left].map((number, i) => [number, signed.right[i]]),
    );
    const common = [...pressed.left].filter((number, i) =>
      partners.get(number) === pressed.right[i]
    );
    ok(signed.left.length > 250, String(signed.left.length));
    ok(common.length > 0.95 * signed.left.length, String(common.length));
  });

  it("lie far enough apart for COLMAP to tell, which (v + 1)·127.5 does not", () => {
    const [a, b] = [1, 2].map((seed) =>
      unitRows(1, new RandomStream(seed, "press"))
    );
    const [pressedA, pressedB] = [a, b].map((row) =>
      pressDescriptors(row, dimension)
    );
    ok(colmapAngle(pressedA, pressedB) > 0.5);
    ok(colmapAngle(pressedA, pressedA) < 0.15);
    const naive = (row: Float32Array) =>
      Uint8Array.from(row, (value) => Math.round((value + 1) * 127.5));
    equal(colmapAngle(naive(a), naive(b)), 0);
  });

  it("are bytes for any row of length 1", () => {
    const spike = new Float32Array(dimension);
    for (const value of [1, -1]) {
      spike[7] = value;
      const pressed = pressDescriptors(spike, dimension);
      equal(pressed[7], value > 0 ? 255 : 0);
      ok(pressed.every((byte, k) => k === 7 || byte > 20));
    }
  });
});
