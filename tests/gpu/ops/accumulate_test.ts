import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { accumulate } from "../../../gpu/ops/accumulate.ts";
import {
  assertSameBits,
  exactTensor,
  openBench,
  whole,
} from "../../helpers/gpu/gpu_op.ts";

const { recorder, arena } = await openBench();

describe("accumulate", () => {
  it("adds parts in order to what was there, to the bit", async () => {
    const [parts, stride, offset, size] = [9, 150, 50, 70];
    // Magnitudes so far apart that another order of the sum would give other bits.
    const values = Float32Array.from(
      exactTensor("partial", [parts * stride]).data,
      (value, at) => value * 10 ** (at % 7),
    );
    const partial = arena.tensorOf("partial", [parts, stride], values);
    const before = Float32Array.from(exactTensor("total", [size]).data);
    const total = arena.tensorOf("total", [size], before);
    accumulate(recorder, partial, whole(total), parts, stride, offset);
    recorder.submit();
    const expected = before.slice();
    const reversed = before.slice();
    for (let p = 0; p < parts; p++) {
      for (let i = 0; i < size; i++) {
        expected[i] += values[p * stride + offset + i];
        reversed[i] += values[(parts - 1 - p) * stride + offset + i];
      }
    }
    assertSameBits("total", await total.readFloats(), expected);
    assert.notDeepEqual(reversed, expected);
  });

  it("touches its own slice of the total alone", async () => {
    const partial = arena.tensorOf(
      "partial",
      [2, 3],
      Float32Array.of(1, 2, 3, 10, 20, 30),
    );
    const total = arena.tensor("total", [192]);
    accumulate(recorder, partial, { tensor: total, offset: 64, size: 3 }, 2, 3);
    recorder.submit();
    const expected = new Float32Array(192);
    expected.set([11, 22, 33], 64);
    assertSameBits("total", await total.readFloats(), expected);
  });

  it("leaves the total as it was for no parts", async () => {
    const partial = arena.tensorOf("partial", [1, 3], Float32Array.of(1, 2, 3));
    const total = arena.tensorOf("total", [3], Float32Array.of(4, 5, 6));
    accumulate(recorder, partial, whole(total), 0, 3);
    recorder.submit();
    assert.deepEqual(await total.readFloats(), Float32Array.of(4, 5, 6));
  });
});
