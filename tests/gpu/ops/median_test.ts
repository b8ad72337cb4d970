import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { median } from "../../../gpu/ops/median.ts";
import {
  randomBits,
  randomStream,
  randomUnit,
} from "../../../gpu/random_bits.ts";
import { openBench } from "../../helpers/gpu/gpu_op.ts";
import { lowerMedian } from "../../reference/median.ts";

const { arena, recorder } = await openBench();

describe("median", () => {
  async function run(values: Float32Array): Promise<number> {
    const output = arena.tensor("output", [1]);
    const input = arena.tensorOf("values", [values.length], values);
    median(recorder, input, output, { count: values.length });
    recorder.submit();
    return (await output.readFloats())[0];
  }

  it("takes the smaller of two middle values", async () => {
    assert.equal(await run(Float32Array.of(4, 1, 3, 2)), 2);
    assert.equal(await run(Float32Array.of(5, -1, 3)), 3);
    assert.equal(await run(Float32Array.of(7)), 7);
  });

  it("agrees with sorting for odd and even counts, ties included", async () => {
    const stream = randomStream(1, 900);
    for (const count of [63, 64, 65, 500, 7680]) {
      const values = Float32Array.from(
        { length: count },
        (_, i) => Math.floor(50 * randomUnit(randomBits(stream, i))) / 7 - 3,
      );
      assert.equal(await run(values), lowerMedian(values), `${count} values`);
    }
  });

  it("reads a strided column into a slot", async () => {
    const values = arena.tensorOf(
      "values",
      [4, 2],
      Float32Array.of(9, 1, 8, 4, 7, 2, 6, 3),
    );
    const output = arena.tensor("output", [2]);
    median(recorder, values, output, { count: 4, stride: 2, slot: 1 });
    median(recorder, values, output, { count: 3, first: 1, stride: 2 });
    recorder.submit();
    assert.deepEqual([...await output.readFloats()], [2, 7]);
  });

  it("refuses more values than there are", () => {
    const values = arena.tensor("values", [4]);
    assert.throws(
      () => median(recorder, values, values, { count: 5 }),
      /^GpuError: Cannot run median: values: found 4 values for a count of 5/,
    );
  });
});
