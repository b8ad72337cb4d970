import assert from "node:assert/strict";
import { after, describe, it } from "@std/testing/bdd";
import { openGpu } from "../../../gpu/device.ts";
import { NearestRows } from "../../../gpu/ops/nearest_rows.ts";
import { nearestRows } from "../../../pipeline/metrics/matching.ts";
import { withOtherTiles } from "../../helpers/gpu/gpu_op.ts";
import { exactScore, randomRows } from "../../helpers/gpu/row_scores.ts";

const gpu = await openGpu();
after(() => gpu[Symbol.dispose]());

const norms = ["L2", "L1"] as const;

/** Dimension and rows: 700 components do not fit a uniform tile, 5 are padded to 8. Each shape is one more compilation. */
const shapes = { L2: [[128, 300], [5, 300], [700, 40]], L1: [[5, 300]] };

describe("NearestRows", () => {
  for (
    const [name, device] of [["own", gpu], [
      "other",
      withOtherTiles(gpu),
    ]] as const
  ) {
    for (const norm of norms) {
      it(`finds, with float64's help, exactly what float64 finds (${norm}, ${name} class's tiles)`, async () => {
        for (const [dimension, rows] of shapes[norm]) {
          const reference = randomRows(1, rows, dimension, 1);
          const images = [2, 3, 4].map((seed) => {
            const image = randomRows(seed, rows + 7 * seed, dimension, 1);
            // A right neighbour for every second row, two copies of it for every sixth.
            for (let row = 0; row < rows; row += 2) {
              const right = reference.subarray(
                row * dimension,
                (row + 1) * dimension,
              );
              image.set(
                right.map((value, k) => value + 0.01 * (k % 3)),
                row * dimension,
              );
              if (row % 6 === 0) {
                image.copyWithin(
                  (row + 1) * dimension,
                  row * dimension,
                  (row + 1) * dimension,
                );
              }
            }
            return image;
          });
          // Room for a part of the rows and for one image and a half, so that a search takes several passes and cuts an image.
          using search = new NearestRows(device, {
            dimension,
            norm,
            rows: 100,
            columns: 1.5 * rows,
          });
          const wait = await search.search(reference, images, dimension);
          const screens = await wait();
          images.forEach((values, i) => {
            const other = { values, dimension };
            const of = { values: reference, dimension };
            assert.deepEqual(
              nearestRows(of, other, norm, screens[i]),
              nearestRows(of, other, norm),
            );
          });
        }
      });
    }
  }

  for (const norm of norms) {
    it(`keeps within the bound that it states (${norm})`, async () => {
      const [dimension, rows] = shapes[norm][0];
      for (const scale of [1e-3, 1, 1e5]) {
        const reference = randomRows(5, rows, dimension, scale);
        const image = randomRows(6, 1.5 * rows, dimension, scale);
        using search = new NearestRows(gpu, {
          dimension,
          norm,
          rows: 100,
          columns: 1.5 * rows,
        });
        const wait = await search.search(reference, [image], dimension);
        const [{ entries, stride, tileColumns, errorBound }] = await wait();
        for (let row = 0; row < rows; row++) {
          const size = exactScore(reference, row, image, 0, dimension, norm);
          assert.ok(
            errorBound[row] > 0 &&
              errorBound[row] <
                2e-3 * Math.abs(size) + 1e-3 * scale ** (norm === "L2" ? 2 : 1),
          );
          for (let tile = 0; tile * tileColumns < 1.5 * rows; tile++) {
            const at = (tile * stride + row) * 4;
            const column = tile * tileColumns + entries[at + 2];
            const exact = exactScore(
              reference,
              row,
              image,
              column,
              dimension,
              norm,
            );
            assert.ok(Math.abs(entries[at] - exact) <= errorBound[row]);
          }
        }
      }
    });
  }

  it("starts a search before the last is waited for", async () => {
    const dimension = 5;
    const reference = randomRows(7, 90, dimension, 1);
    // Of different sizes, the last of several steps.
    const images = [80, 100, 700, 30].map((rows, i) =>
      randomRows(8 + i, rows, dimension, 1 + i)
    );
    using search = new NearestRows(gpu, {
      dimension,
      norm: "L2",
      rows: 100,
      columns: 450,
    });
    const waits = [];
    for (const image of images) {
      waits.push(await search.search(reference, [image], dimension));
    }
    for (const [i, values] of images.entries()) {
      const [screen] = await waits[i]();
      const rows = { values: reference, dimension };
      const other = { values, dimension };
      assert.deepEqual(
        nearestRows(rows, other, "L2", screen),
        nearestRows(rows, other, "L2"),
      );
    }
  });

  it("leaves rows to float64 that might overflow", async () => {
    const reference = Float32Array.of(1e20, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    using search = new NearestRows(gpu, {
      dimension: 5,
      norm: "L2",
      rows: 100,
      columns: 450,
    });
    const [screen] = await (await search.search(reference, [reference], 5))();
    assert.deepEqual([...screen.errorBound], [Infinity, Infinity]);
    const rows = { values: reference, dimension: 5 };
    assert.deepEqual([...nearestRows(rows, rows, "L2", screen).index], [0, 1]);
  });
});
