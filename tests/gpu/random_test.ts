import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openGpu } from "../../gpu/device.ts";
import { kernel } from "../../gpu/kernel.ts";
import { randomInclude, streamUniform } from "../../gpu/random.ts";
import {
  randomBits,
  randomBits4,
  randomPurpose,
  randomStream,
  randomUnit,
} from "../../gpu/random_bits.ts";
import { Recorder } from "../../gpu/recorder.ts";
import { Arena } from "../../gpu/tensor.ts";

const draws = 4096;

const drawKernel = `
@group(0) @binding(0) var<storage, read_write> words: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read_write> units: array<f32>;
struct Params { stream_a: u32, stream_b: u32, stream_c: u32, first: u32 }
@group(0) @binding(2) var<uniform> params: Params;
#include "random"
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let index = params.first + id.x;
  words[id.x] = random_u32x4(params.stream_a, params.stream_b, params.stream_c, index);
  units[id.x] = random_unit(random_u32(params.stream_a, params.stream_b, params.stream_c, index));
}
`;

describe("random numbers", () => {
  it("are the same bits on the GPU and the CPU", async () => {
    using gpu = await openGpu();
    using arena = new Arena(gpu);
    using recorder = new Recorder(gpu);
    const words = arena.tensor("words", [draws, 4], { type: "u32" });
    const units = arena.tensor("units", [draws]);
    const stream = randomStream(211, randomPurpose.dropout, 1, 24, 39549);
    // The last indices wrap around 2^32, as u32 arithmetic does.
    const first = 2 ** 32 - 100;
    recorder.dispatch(
      kernel(gpu, "draw", drawKernel, {}, randomInclude),
      [words, units],
      [draws / 64],
      [...streamUniform(stream), { u32: first }],
    );
    recorder.submit();
    const gotWords = await words.read() as Uint32Array;
    const gotUnits = await units.readFloats();
    for (let i = 0; i < draws; i++) {
      const index = (first + i) >>> 0;
      const wanted = randomBits4(stream, index);
      assert.deepEqual([...gotWords.subarray(4 * i, 4 * i + 4)], wanted);
      assert.equal(gotUnits[i], randomUnit(randomBits(stream, index)));
    }
  });

  it("are uniform, and independent between words and neighbouring draws", () => {
    const stream = randomStream(211, randomPurpose.augmentPatch, 1, 0, 0);
    const count = 65536;
    const values: number[][] = [[], [], [], []];
    for (let i = 0; i < count; i++) {
      randomBits4(stream, i).forEach((bits, word) =>
        values[word].push(randomUnit(bits))
      );
    }
    const sigma = Math.sqrt(1 / 12 / count);
    for (const word of values) {
      assert.ok(word.every((value) => value >= 0 && value < 1));
      assert.ok(Math.abs(mean(word) - 0.5) < 5 * sigma);
      assert.ok(Math.abs(correlation(word, shifted(word))) < 5 / 256);
    }
    for (let i = 0; i < 4; i++) {
      for (let j = 0; j < i; j++) {
        assert.ok(Math.abs(correlation(values[i], values[j])) < 5 / 256);
      }
    }
  });

  it("differ between seeds, purposes and indices, and depend on their order", () => {
    const keys = [
      randomStream(211, 1, 1, 2),
      randomStream(211, 1, 2, 1),
      randomStream(211, 1, 1, 2, 0),
      randomStream(211, 2, 1, 2),
      randomStream(212, 1, 1, 2),
      randomStream(211 + 2 ** 32, 1, 1, 2),
    ];
    const texts = new Set(keys.map((key) => `${key.a},${key.b},${key.c}`));
    assert.equal(texts.size, keys.length);
    assert.deepEqual(randomStream(211, 1, 1, 2), keys[0]);
    const first = Array.from(
      { length: 4096 },
      (_, i) => randomBits(keys[0], i),
    );
    const second = Array.from(
      { length: 4096 },
      (_, i) => randomBits(keys[1], i),
    );
    assert.ok(
      Math.abs(correlation(first, second)) < 5 / 64,
      "neighbouring keys give unrelated draws",
    );
  });

  it("reach both ends of [0, 1)", () => {
    assert.equal(randomUnit(0), 0);
    assert.equal(randomUnit(0xffffffff), 1 - 2 ** -24);
  });
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function shifted(values: readonly number[]): number[] {
  return [...values.slice(1), values[0]];
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const meanA = mean(a);
  const meanB = mean(b);
  let ab = 0, aa = 0, bb = 0;
  for (let i = 0; i < a.length; i++) {
    ab += (a[i] - meanA) * (b[i] - meanB);
    aa += (a[i] - meanA) ** 2;
    bb += (b[i] - meanB) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}
