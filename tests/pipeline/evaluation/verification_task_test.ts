import assert from "node:assert/strict";
import { join } from "@std/path";
import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import { type PatchReferences, RandomStream } from "../../../data/mod.ts";
import { DescriptorFolder } from "../../../pipeline/evaluation/descriptor_folder.ts";
import { PairFile } from "../../../pipeline/evaluation/pair_file.ts";
import { VerificationTask } from "../../../pipeline/evaluation/verification_task.ts";
import { pairDistance } from "../../../pipeline/metrics/distance.ts";

const dimension = 5;

describe("PairFile", () => {
  it("measures every pair as soon as its two sequences are there", () => {
    const stream = new RandomStream(1, "pairs");
    // In turn: b, c, a; the file names them in another order, and does not name d.
    const places = new Map([
      ["b", { turn: 0, firstRow: 0, rows: 3 }],
      ["d", { turn: 1, firstRow: 18, rows: 1 }],
      ["c", { turn: 2, firstRow: 24, rows: 7 }],
      ["a", { turn: 3, firstRow: 66, rows: 2 }],
    ]);
    const sequences = ["a", "b", "c"];
    const count = 203;
    const patches = (): PatchReferences => {
      const sequence = new Uint16Array(count).map(() => stream.integer(3));
      return {
        sequence,
        image: new Uint8Array(count).map(() => stream.integer(6)),
        patch: Uint32Array.from(
          sequence,
          (index) => stream.integer(places.get(sequences[index])!.rows),
        ),
      };
    };
    const pairs = { sequences, first: patches(), second: patches() };
    const file = new PairFile(pairs, places);
    const values = new Float32Array(78 * dimension);
    const table = { values, dimension };
    const rowOf = ({ sequence, image, patch }: PatchReferences, i: number) => {
      const { firstRow, rows } = places.get(sequences[sequence[i]])!;
      return firstRow + image[i] * rows + patch[i];
    };
    for (const norm of ["L2", "L1"] as const) {
      // A row that is not there yet would show in a distance; after the first level all are, of the level before.
      values.fill(NaN);
      for (const { turn, firstRow, rows } of places.values()) {
        const from = firstRow * dimension;
        for (let i = from; i < from + 6 * rows * dimension; i++) {
          values[i] = stream.uniform(-1, 1);
        }
        file.measure(turn, table, norm);
      }
      const measured = file.takeLevel();
      assert.equal(measured.pairs, pairs);
      assert.deepEqual(
        measured.distances,
        Float64Array.from({ length: count }, (_, i) =>
          pairDistance(
            table,
            rowOf(pairs.first, i),
            table,
            rowOf(pairs.second, i),
            norm,
          )),
      );
    }
  });
});

describe("VerificationTask", () => {
  it("takes the sequences of a split first, and each in its turn", async () => {
    const golden = fileURLToPath(
      new URL("../../golden/evaluation/plain", import.meta.url),
    );
    using folder = new DescriptorFolder(join(golden, "descriptors"));
    const read = (first: string[]) =>
      VerificationTask.read(
        folder,
        join(golden, "tasks"),
        "x",
        "L2",
        {},
        first,
      );
    const named = [...(await read([])).sequences];
    assert.ok(named.length > 1);
    const turned = [...named].reverse();
    const task = await read(["elsewhere", ...turned]);
    assert.deepEqual([...task.sequences], turned);
    const reference = folder.reference(turned[1]);
    const images = Array.from({ length: 5 }, () => reference);
    assert.throws(
      () => task.add(turned[1], reference, images),
      new RangeError(`${turned[1]} is no. 1, not 0`),
    );
    task.add("elsewhere", reference, images);
  });
});
