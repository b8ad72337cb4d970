import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { RandomStream } from "../../../data/random.ts";
import { fitPcaPowerLaw } from "../../../pipeline/evaluation/pca_power_law.ts";
import { assertClose } from "../../helpers/closeness.ts";

let folder: string;

beforeEach(() => {
  folder = Deno.makeTempDirSync();
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

function write(sequence: string, rows: number[][]) {
  Deno.mkdirSync(join(folder, sequence), { recursive: true });
  Deno.writeTextFileSync(
    join(folder, sequence, "ref.csv"),
    rows.map((row) => `${row.join(",")}\n`).join(""),
  );
}

describe("fitPcaPowerLaw", () => {
  it("has its closed form along the axes", async () => {
    // Variances 16, 4 and 1; the one at ⌊0.6·3⌋ of the ascending list is 4, which the smallest is raised to.
    write("train", [[4, 2, 1], [4, -2, -1], [-4, 2, -1], [-4, -2, 1]]);
    const { apply, dimension } = await fitPcaPowerLaw(folder, ["train"], "a");
    assert.equal(dimension, 3);
    // The image's own mean (10, 10, 10) goes, then (4, 2, 2)/(4, 2, 2) = (1, 1, 1), roots 1, norm √3.
    const { values } = apply({
      values: Float32Array.of(14, 12, 12, 6, 8, 8),
      dimension: 3,
    });
    const root = Math.sqrt(1 / 3);
    assertClose([...values], [root, root, root, -root, -root, -root], 1e-6);
  });

  it("gives unit rows, and leaves a row at the mean zero", async () => {
    const stream = new RandomStream(1, "rows");
    const random = (count: number) =>
      Array.from(
        { length: count },
        () => Array.from({ length: 5 }, () => stream.normal()),
      );
    write("one", random(20));
    write("two", random(11));
    const { apply } = await fitPcaPowerLaw(folder, ["one", "two"], "a");
    const { values } = apply({
      values: Float32Array.from([...random(3).flat()]),
      dimension: 5,
    });
    for (let row = 0; row < 3; row++) {
      const squares = values.subarray(5 * row, 5 * row + 5)
        .reduce((sum, value) => sum + value * value, 0);
      assertClose(squares, 1, 1e-6);
    }
    const still = apply({ values: new Float32Array(10).fill(3), dimension: 5 });
    assert.deepEqual([...still.values], Array(10).fill(0));
  });

  it("refuses descriptors that vary too little, and other dimensions", async () => {
    write("flat", [[1, 5, 5], [2, 5, 5], [3, 5, 5]]);
    await assert.rejects(
      fitPcaPowerLaw(folder, ["flat"], "a"),
      /^DataError: Cannot fit PCA and power law: .*: found training descriptors that vary in too few directions, wanted variance in at least 2 of 3 directions$/,
    );
    write("short", [[1, 2], [3, 4]]);
    await assert.rejects(
      fitPcaPowerLaw(folder, ["flat", "short"], "a"),
      /^DataError: .*short.ref\.csv: found 2 values in a row, wanted 3 as in .*flat.ref\.csv$/,
    );
    await assert.rejects(
      fitPcaPowerLaw(folder, ["absent"], "a"),
      /^DataError: .*absent.ref\.csv: found no such file/,
    );
  });
});
