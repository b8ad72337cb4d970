import assert from "node:assert/strict";
import type { Gpu } from "../../../gpu/device.ts";
import type { HardestInBatch } from "../../../gpu/ops/hardest_in_batch.ts";
import { Recorder } from "../../../gpu/recorder.ts";
import { Arena } from "../../../gpu/tensor.ts";
import { batchOf, upload } from "./descriptor_batch.ts";

/**
 * Fails unless the first index wins where equally near negatives stand in several tiles: 130 rows of one class each on
 * 40 axes, all negatives but the row's own copies √2 away.
 */
export async function compareTiesAcrossTiles(
  Mining: typeof HardestInBatch,
  gpu: Gpu,
): Promise<void> {
  const rows = Array.from({ length: 130 }, (_, n) => {
    const values = new Array<number>(128).fill(0);
    values[n % 40] = 1;
    return values;
  });
  using arena = new Arena(gpu);
  using recorder = new Recorder(gpu);
  using mining = new Mining(gpu, { samples: 130, classes: 130 });
  mining.record(recorder, upload(arena, batchOf(rows, rows.map(() => 1))), 0);
  recorder.submit();
  const pairs = await mining.pairs.read(0, 4 * 130);
  for (let c = 0; c < 130; c++) {
    const expected = [c, c, c, c % 40 === 0 ? 1 : 0];
    assert.deepEqual([...pairs.subarray(4 * c, 4 * c + 4)], expected);
  }
}
