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
    const [parts, stride, size] = [9, 150, 70];
    // Magnitudes so far apart that another order of the sum would give other bits.
    const values = Float32Array.from(
      exactTensor("partial", [parts * stride]).data,
      (value, at) => value * 10 ** (at % 7),
    );
    const partial = arena.tensorOf("partial", [parts, stride], values);
    const before = Float32Array.from(exactTensor("totals", [300]).data);
    const tensor = arena.tensorOf("totals", [300], before);
    const firsts = [220, 3];
    const totals = firsts.map((offset) => ({ tensor, offset, size }));
    accumulate(recorder, partial, totals, parts, stride);
    recorder.submit();
    const expected = before.slice();
    const reversed = before.slice();
    for (const [k, first] of firsts.entries()) {
      for (let p = 0; p < parts; p++) {
        for (let i = 0; i < size; i++) {
          const place = k * size + i;
          expected[first + i] += values[p * stride + place];
          reversed[first + i] += values[(parts - 1 - p) * stride + place];
        }
      }
    }
    assertSameBits("totals", await tensor.readFloats(), expected);
    assert.notDeepEqual(reversed, expected);
  });

  it("leaves the total as it was for no parts", async () => {
    const partial = arena.tensorOf("partial", [1, 3], Float32Array.of(1, 2, 3));
    const total = arena.tensorOf("total", [3], Float32Array.of(4, 5, 6));
    accumulate(recorder, partial, [whole(total)], 0, 3);
    recorder.submit();
    assert.deepEqual(await total.readFloats(), Float32Array.of(4, 5, 6));
  });

  it("refuses totals that are not alike, and too many", () => {
    const partial = arena.tensor("partial", [2, 300]);
    const [one, other] = [1, 2].map(() => arena.tensor("totals", [300]));
    const slice = (tensor: typeof one, size: number) => ({
      tensor,
      offset: 0,
      size,
    });
    for (
      const totals of [
        [slice(one, 3), slice(one, 4)],
        [slice(one, 3), slice(other, 3)],
        Array.from({ length: 5 }, () => slice(one, 3)),
      ]
    ) {
      assert.throws(() => accumulate(recorder, partial, totals, 2, 300), {
        name: "GpuError",
        message:
          `Cannot run accumulate: totals: found ${totals.length} totals, wanted at most 4, of one tensor and one size`,
      });
    }
  });
});
