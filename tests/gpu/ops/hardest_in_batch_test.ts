import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { Gpu } from "../../../gpu/device.ts";
import { HardestInBatch } from "../../../gpu/ops/hardest_in_batch.ts";
import {
  batchOf,
  clusteredDescriptors,
  type DescriptorBatch,
  unit,
  upload,
} from "../../helpers/gpu/descriptor_batch.ts";
import { openBench } from "../../helpers/gpu/gpu_op.ts";
import { mineHardest } from "../../reference/hardest_in_batch.ts";
import { tensorOf } from "../../reference/tensor.ts";

const { gpu, arena, recorder } = await openBench();

describe("hardestInBatch", () => {
  /** Pairs [round][class] as (i, j⁺, i′, j⁻). */
  async function mine(
    batch: DescriptorBatch,
    rounds = 1,
    capacity = {
      samples: batch.labels.length,
      classes: batch.firstRowOfClass.length - 1,
    },
    on = gpu,
  ): Promise<number[][][]> {
    using mining = new HardestInBatch(on, capacity);
    const inputs = upload(arena, batch);
    const found: number[][][] = [];
    for (let round = 0; round < rounds; round++) {
      mining.record(recorder, inputs, round);
      recorder.submit();
      const pairs = await mining.pairs.read(0, inputs.classCount * 4);
      found.push(
        Array.from(
          { length: inputs.classCount },
          (_, c) => [...pairs.subarray(4 * c, 4 * c + 4)],
        ),
      );
    }
    return found;
  }

  function expected(batch: DescriptorBatch, rounds = 1): number[][][] {
    const used = new Uint8Array(batch.labels.length ** 2);
    return Array.from({ length: rounds }, () => {
      const { positives, negatives } = mineHardest(
        tensorOf([batch.labels.length, 128], batch.rows),
        batch.labels,
        used,
      );
      return positives.map((pair, c) => [...pair, ...negatives[c]]);
    });
  }

  it("finds the pairs of the float64 rule for classes of unequal size", async () => {
    const batch = clusteredDescriptors(
      Array.from({ length: 31 }, (_, c) => 1 + c % 4),
      3,
    );
    assert.equal(batch.labels.length % 32, 12);
    assert.deepEqual(await mine(batch), expected(batch));
    assert.deepEqual(
      await mine(batch, 1, { samples: 1000, classes: 200 }),
      expected(batch),
      "a larger capacity changes nothing",
    );
  });

  it("leaves each row's earlier negatives out in later rounds", async () => {
    const batch = clusteredDescriptors(new Array(16).fill(3), 5);
    const found = await mine(batch, 3);
    assert.deepEqual(found, expected(batch, 3));
    assert.notDeepEqual(found[0], found[1]);
  });

  it("finds the same as devices of every class cut it", async () => {
    const batch = clusteredDescriptors(new Array(45).fill(3), 7);
    const capacity = { samples: batch.labels.length, classes: 45 };
    for (const deviceClass of ["integrated", "discrete"] as const) {
      const facts = { ...gpu.adapter, deviceClass };
      const on = new Gpu(gpu.device, facts, Infinity);
      const found = await mine(batch, 2, capacity, on);
      assert.deepEqual(found, expected(batch, 2), deviceClass);
    }
  });

  it("takes the first index on ties", async () => {
    // Eight orthogonal axes, three rows each: every negative is √2 away and every positive 0.
    const axis = (k: number) =>
      Array.from({ length: 128 }, (_, d) => d === k ? 1 : 0);
    const rows = Array.from({ length: 24 }, (_, n) => axis(Math.floor(n / 3)));
    const [pairs] = await mine(batchOf(rows, new Array(8).fill(3)));
    pairs.forEach((pair, c) =>
      assert.deepEqual(pair, [3 * c, 3 * c, 3 * c, c === 0 ? 3 : 0])
    );
  });

  it("takes the first index on ties across tiles", async () => {
    // 130 classes in 5 blocks; the axes repeat, so that each row's equals stand in several tiles.
    const rows = Array.from({ length: 130 }, (_, n) => {
      const values = new Array<number>(128).fill(0);
      values[n % 40] = 1;
      return values;
    });
    const [pairs] = await mine(batchOf(rows, new Array(130).fill(1)));
    pairs.forEach((pair, c) =>
      assert.deepEqual(pair, [c, c, c, c % 40 === 0 ? 1 : 0])
    );
  });

  it("never pairs rows of different labels nearer than 0.008", async () => {
    const at = (angle: number, plane: number) => {
      const values = new Array<number>(128).fill(0);
      values[2 * plane] = Math.cos(angle);
      values[2 * plane + 1] = Math.sin(angle);
      return unit(values);
    };
    const [pairs] = await mine(
      batchOf(
        [at(0, 0), at(0, 0), at(0.0075, 0), at(0.00797, 0), at(0, 1)],
        [1, 1, 1, 1, 1],
      ),
    );
    assert.deepEqual(pairs[0], [0, 0, 0, 3], "0 and 0.0075 are too near");
    assert.deepEqual(
      pairs[3],
      [3, 3, 3, 0],
      "√(0.00797² + 1e-6) is far enough",
    );
    assert.deepEqual(pairs[4], [4, 4, 4, 0]);
  });

  it("makes a row without admissible negative its own", async () => {
    const row = unit(Array.from({ length: 128 }, (_, d) => d + 1));
    const [pairs] = await mine(batchOf([row, row, row, row], [2, 2]));
    assert.deepEqual(pairs, [[0, 0, 0, 0], [2, 2, 2, 2]]);
  });

  it("mines 7,680 rows", async () => {
    const batch = clusteredDescriptors(new Array(2560).fill(3), 11, 1);
    const [pairs] = await mine(batch);
    const distance = (i: number, j: number) => {
      let product = 0;
      for (let d = 0; d < 128; d++) {
        product += batch.rows[i * 128 + d] * batch.rows[j * 128 + d];
      }
      return Math.sqrt(Math.abs(2 * (1 - product)) + 1e-6);
    };
    for (let c = 0; c < 2560; c += 160) {
      const [i, positive, row, negative] = pairs[c];
      let farthest = 0;
      let nearest = Infinity;
      for (let r = 3 * c; r < 3 * c + 3; r++) {
        for (let j = 0; j < 7680; j++) {
          const d = distance(r, j);
          if (batch.labels[j] === c) farthest = Math.max(farthest, d);
          else if (d > 0.008) nearest = Math.min(nearest, d);
        }
      }
      assert.equal(batch.labels[i], c);
      assert.equal(batch.labels[positive], c);
      assert.equal(batch.labels[row], c);
      assert.notEqual(batch.labels[negative], c);
      assert.ok(Math.abs(distance(i, positive) - farthest) < 1e-6);
      assert.ok(Math.abs(distance(row, negative) - nearest) < 1e-6);
    }
    assert.deepEqual((await mine(batch))[0], pairs, "again, bit by bit");
  });

  it("refuses a batch beyond its capacity", async () => {
    const batch = clusteredDescriptors([2, 2], 1);
    await assert.rejects(mine(batch, 1, { samples: 3, classes: 2 }), {
      name: "GpuError",
      message: "Cannot run hardestInBatch: sampleCount: found 4, wanted 1 to 3",
    });
    await assert.rejects(mine(clusteredDescriptors([4], 1)), {
      message: /classCount: found 1, wanted 2 to 1/,
    });
  });
});
