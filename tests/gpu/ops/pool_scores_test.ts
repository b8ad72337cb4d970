import assert from "node:assert/strict";
import { after, describe, it } from "@std/testing/bdd";
import { openGpu } from "../../../gpu/device.ts";
import { PoolScores } from "../../../gpu/ops/pool_scores.ts";
import { withOtherTiles } from "../../helpers/gpu/gpu_op.ts";
import { exactScore, randomRows } from "../../helpers/gpu/row_scores.ts";

const gpu = await openGpu();
after(() => gpu[Symbol.dispose]());

describe("PoolScores", () => {
  for (
    const [name, device] of [["own", gpu], [
      "other",
      withOtherTiles(gpu),
    ]] as const
  ) {
    for (const norm of ["L2", "L1"] as const) {
      it(`scores every column for every row within its bound (${norm}, ${name} class's tiles)`, async () => {
        const [rows, columns, dimension] = [37, 301, 18];
        const pool = randomRows(1, columns, dimension, 1);
        using scores = new PoolScores(device, {
          dimension,
          norm,
          rows: 20,
          columns,
        });
        scores.writeColumns(pool, dimension);
        for (const seed of [2, 3]) {
          const block = randomRows(seed, rows - seed, dimension, 1);
          const wait = scores.block(block, dimension);
          // What is written from here on is of the blocks to come.
          scores.writeColumns(
            seed === 2 ? pool : randomRows(9, columns, dimension, 1),
            dimension,
          );
          const found = await wait();
          let worst = 0;
          for (let row = 0; row < rows - seed; row++) {
            for (let column = 0; column < columns; column++) {
              const exact = exactScore(
                block,
                row,
                pool,
                column,
                dimension,
                norm,
              );
              const error = Math.abs(
                found.scores[row * found.stride + column] - exact,
              );
              worst = Math.max(worst, error / found.errorBound[row]);
            }
          }
          assert.ok(worst > 0 && worst <= 1, `${worst} of the bound`);
        }
      });
    }
  }
});
