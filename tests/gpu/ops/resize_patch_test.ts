import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  type PatchRange,
  resizePatch64,
  resizePatch65,
} from "../../../gpu/ops/resize_patch.ts";
import { openBench } from "../../helpers/gpu/gpu_op.ts";
import {
  noisePatches,
  packWords,
  sampleImage,
} from "../../helpers/gpu/packed_bytes.ts";
import { resize64, resize65 } from "../../reference/resize_patch.ts";

const { arena, recorder } = await openBench();

describe("resizePatch", () => {
  async function run(
    op: typeof resizePatch64,
    bytes: Uint8Array,
    range: PatchRange,
  ): Promise<Float32Array> {
    const words = packWords(bytes);
    const blocks = Math.ceil(range.count / 32);
    const output = arena.tensorOf(
      "output",
      [blocks * 32, 32, 32],
      new Float32Array(blocks * 32768).fill(-1),
    );
    op(
      recorder,
      arena.tensorOf("bytes", [words.length], words),
      output,
      range,
    );
    recorder.submit();
    return await output.readFloats();
  }

  it("is PIL's antialiased bilinear to the bit for 64×64", async () => {
    const bytes = noisePatches(45, 64, 1);
    const got = await run(resizePatch64, bytes, { count: 45 });
    for (let n = 0; n < 45; n++) {
      const wanted = resize64(bytes.subarray(n * 4096, (n + 1) * 4096));
      assert.deepEqual(
        sampleImage(got, n),
        Float32Array.from(wanted, (value) => value / 255),
      );
    }
  });

  it("is OpenCV's bilinear to the bit for 65×65", async () => {
    const bytes = noisePatches(45, 65, 2);
    const got = await run(resizePatch65, bytes, { count: 45 });
    for (let n = 0; n < 45; n++) {
      const wanted = resize65(bytes.subarray(n * 4225, (n + 1) * 4225));
      assert.deepEqual(sampleImage(got, n), Float32Array.from(wanted));
    }
  });

  it("weighs a ramp as worked out by hand", async () => {
    // Along x the pixel's column: (2j−1)/8 + 3·2j/8 + 3·(2j+1)/8 + (2j+2)/8 = 2j + ½, rounded up; borders 5/7 → 1.
    const ramp = Uint8Array.from({ length: 4096 }, (_, i) => i % 64);
    const got = sampleImage(await run(resizePatch64, ramp, { count: 1 }), 0);
    const row = Array.from(got.subarray(0, 32), (v) => Math.round(v * 255));
    assert.deepEqual(row.slice(0, 3), [1, 3, 5]);
    assert.deepEqual(row.slice(30), [61, 62]);
    // Without antialiasing x = 33/64 for j = 0. The ramp times 3 is 1.547 there, which plain rounding makes 2, but the
    // fixed point 1: ((992·198 >> 16) + (1056·198 >> 16) + 2) >> 2 = (2 + 3 + 2) >> 2.
    const steep = Uint8Array.from({ length: 4225 }, (_, i) => 3 * (i % 65));
    const plain = sampleImage(await run(resizePatch65, steep, { count: 1 }), 0);
    assert.equal(plain[0], 1);
  });

  it("starts at any patch and zeroes what is beyond the count", async () => {
    const bytes = noisePatches(7, 65, 3);
    const got = await run(resizePatch65, bytes, { count: 3, firstPatch: 4 });
    const wanted = resize65(bytes.subarray(6 * 4225));
    assert.deepEqual(sampleImage(got, 2), Float32Array.from(wanted));
    for (let n = 3; n < 32; n++) {
      assert.ok(sampleImage(got, n).every((value) => value === 0));
    }
    const small = await run(resizePatch64, noisePatches(2, 64, 4), {
      count: 2,
    });
    assert.ok(sampleImage(small, 2).every((value) => value === 0));
  });

  it("refuses too few bytes and another output", () => {
    const bytes = arena.tensor("bytes", [1024], { type: "u32" });
    const output = arena.tensor("output", [1, 32, 32]);
    assert.throws(
      () => resizePatch64(recorder, bytes, output, { count: 2 }),
      /Cannot run resizePatch64: bytes: found 1024 words for patches 0 to 1/,
    );
    assert.throws(
      () =>
        resizePatch64(recorder, bytes, arena.tensor("wrong", [1, 32, 16]), {
          count: 1,
        }),
      /output: found shape \[1, 32, 16\], wanted \[1, 32, 32\]/,
    );
  });
});
