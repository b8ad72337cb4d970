import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { DescriptorReader } from "../../../data/csv/descriptor_reader.ts";
import { DataError } from "../../../data/errors.ts";

let folder: string;
beforeEach(async () => {
  folder = await Deno.makeTempDir();
});
afterEach(async () => {
  await Deno.remove(folder, { recursive: true });
});

describe("DescriptorReader", () => {
  for (const workers of [0, 2]) {
    it(`reads many files at once, each by its name (${workers} workers)`, async () => {
      using reader = new DescriptorReader(workers);
      const paths = Array.from({ length: 9 }, (_, i) => join(folder, `${i}`));
      for (const [i, path] of paths.entries()) {
        const line = Array.from({ length: i + 1 }, (_, k) => i + k / 4);
        await Deno.writeTextFile(path, `${line.join(",")}\n`.repeat(200 - i));
      }
      const tables = await Promise.all(paths.map((path) => reader.read(path)));
      for (const [i, { rows, dimension, values }] of tables.entries()) {
        assert.deepEqual([rows, dimension], [200 - i, i + 1]);
        assert.equal(values.length, rows * dimension);
        assert.equal(values.at(-1), i + i / 4);
      }
    });

    it(`says what is wrong with one file and reads the next (${workers} workers)`, async () => {
      using reader = new DescriptorReader(workers);
      const [good, bad] = [join(folder, "good.csv"), join(folder, "bad.csv")];
      await Deno.writeTextFile(good, "1,2\n");
      await Deno.writeTextFile(bad, "1,2\n3,x\n");
      const answers = await Promise.allSettled(
        [bad, join(folder, "none.csv"), good].map((path) => reader.read(path)),
      );
      const messages = answers.map((answer) =>
        answer.status === "rejected" && answer.reason instanceof DataError
          ? answer.reason.message
          : answer.status
      );
      assert.match(
        messages[0],
        /bad\.csv:2: found "x", wanted a finite number/,
      );
      assert.match(messages[1], /none\.csv: found no such file/);
      assert.equal(messages[2], "fulfilled");
    });
  }

  it("asks for files ahead only where others read them", () => {
    using here = new DescriptorReader(0);
    using elsewhere = new DescriptorReader(2);
    assert.equal(here.ahead, 0);
    assert.ok(elsewhere.ahead >= 4);
  });
});
