import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import {
  readDescriptorCsv,
  writeDescriptorCsv,
} from "../../../data/csv/descriptor_csv.ts";
import { parseDescriptorCsv } from "../../../data/csv/descriptor_text.ts";
import { DataError } from "../../../data/errors.ts";
import { RandomStream } from "../../../data/random.ts";

const parse = (text: string) =>
  parseDescriptorCsv(new TextEncoder().encode(text), "a.csv");

/** Expects the attempt to be refused with exactly this message. */
function refuses(text: string, message: string) {
  assert.throws(() => parse(text), (error: unknown) => {
    assert.ok(error instanceof DataError);
    assert.equal(error.message, `Cannot read the descriptors: ${message}`);
    return true;
  });
}

describe("parseDescriptorCsv", () => {
  it("reads rows of any spelling of finite numbers", () => {
    const { rows, dimension, values } = parse(
      "   0.50000,  -1.25000\n+3,.5\n1e-2,-0.0\n2.,12345678901234567890\n",
    );
    assert.deepEqual([rows, dimension], [4, 2]);
    assert.deepEqual(
      [...values],
      [0.5, -1.25, 3, 0.5, 0.01, -0, 2, 12345678901234567890].map(Math.fround),
    );
    assert.ok(Object.is(values[5], -0));
  });

  it("tells comma, semicolon, tab and blanks apart, CRLF and a missing last line end included", () => {
    for (const delimiter of [",", ";", "\t", " ", "   ", ", "]) {
      const text = `1${delimiter}2${delimiter}3\r\n4${delimiter}5${delimiter}6`;
      const { rows, dimension, values } = parse(text);
      assert.deepEqual([rows, dimension], [2, 3], JSON.stringify(delimiter));
      assert.deepEqual([...values], [1, 2, 3, 4, 5, 6]);
    }
    assert.deepEqual([...parse("7\n8\n\n").values], [7, 8]);
  });

  it("rounds like the nearest float32 of the denoted double", () => {
    const stream = new RandomStream(1, "texts");
    const texts = Array.from({ length: 3000 }, () => {
      const digits = stream.integer(14);
      return (stream.normal() * 10 ** (stream.integer(8) - 4)).toFixed(digits);
    });
    const { values } = parse(texts.join("\n"));
    assert.deepEqual([...values], texts.map((text) => Math.fround(+text)));
  });

  it("names file and line of a number that is none", () => {
    const wanted = (column: number) =>
      `wanted a finite number in column ${column} of 2, delimited by ','`;
    refuses(
      "1,".repeat(70_000),
      "a.csv:1: found 70000 columns, wanted at most 65536",
    );
    refuses("1,2\n3,nan\n", `a.csv:2: found "nan", ${wanted(2)}`);
    refuses("1,2\n-inf,3\n", `a.csv:2: found "-inf", ${wanted(1)}`);
    refuses("1,2\n1e39,3\n", `a.csv:2: found "1e39", ${wanted(1)}`);
    refuses("1,2\n3,\n", `a.csv:2: found an empty field, ${wanted(2)}`);
    refuses("1,2\n1.2.3,4\n", `a.csv:2: found "1.2.3", ${wanted(1)}`);
    refuses("1,2\n0x10,4\n", `a.csv:2: found "0x10", ${wanted(1)}`);
    refuses("x,y\n", `a.csv:1: found "x", ${wanted(1)}`);
    refuses("1,2\n-,4\n", `a.csv:2: found "-", ${wanted(1)}`);
  });

  it("names file and line of another delimiter", () => {
    refuses(
      "1,2\n3;4\n",
      `a.csv:2: found "3;4", wanted a finite number in column 1 of 2, delimited by ','`,
    );
  });

  it("names file and line of a row of another length, an empty one included", () => {
    refuses("1,2\n3\n", "a.csv:2: found 1 values, wanted 2 as in line 1");
    refuses("1,2\n3,4,5\n", "a.csv:2: found 3 values, wanted 2 as in line 1");
    refuses("1 2\n3 4 5\n", "a.csv:2: found 3 values, wanted 2 as in line 1");
    assert.throws(
      () => parse("1,2\n\n3,4\n"),
      /a\.csv:2: found an empty field/,
    );
  });

  it("refuses an empty file", () => {
    const message =
      "a.csv: found an empty file, wanted one row of numbers a patch";
    refuses("", message);
    refuses(" \n\n", message);
  });

  it("either reads or refuses with a DataError whatever the bytes", () => {
    const stream = new RandomStream(2, "fuzz");
    const alphabet = new TextEncoder().encode(
      "0123456789.,-+eE ;\t\r\nn\u00ff",
    );
    let read = 0;
    for (let round = 0; round < 4000; round++) {
      const bytes = Uint8Array.from(
        { length: stream.integer(24) },
        () => alphabet[stream.integer(alphabet.length)],
      );
      try {
        const { rows, dimension, values } = parseDescriptorCsv(bytes, "f.csv");
        assert.equal(values.length, rows * dimension);
        assert.ok(values.every(Number.isFinite));
        read++;
      } catch (error) {
        assert.ok(error instanceof DataError, `${error} at ${bytes}`);
        assert.match(error.message, /^Cannot read the descriptors: f\.csv/);
      }
    }
    assert.ok(read > 20);
  });
});

describe("writeDescriptorCsv", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await Deno.makeTempDir();
  });
  afterEach(async () => {
    await Deno.remove(folder, { recursive: true });
  });

  it("writes what readDescriptorCsv reads back, to five decimals", async () => {
    const stream = new RandomStream(3, "values");
    const values = Float32Array.from({ length: 90 * 7 }, () => stream.normal());
    const path = join(folder, "ref.csv");
    await writeDescriptorCsv(path, values, 7);
    const table = await readDescriptorCsv(path);
    assert.deepEqual([table.rows, table.dimension], [90, 7]);
    for (let i = 0; i < values.length; i++) {
      assert.ok(Math.abs(table.values[i] - values[i]) <= 5.1e-6);
    }
    const again = join(folder, "again.csv");
    await writeDescriptorCsv(again, table.values, 7);
    assert.deepEqual(await Deno.readFile(again), await Deno.readFile(path));
  });

  it("uses commas, one line a row and no header", async () => {
    const path = join(folder, "ref.csv");
    await writeDescriptorCsv(path, Float32Array.of(0.5, -1, 2, 100000), 2);
    assert.equal(
      await Deno.readTextFile(path),
      "   0.50000,  -1.00000\n   2.00000,100000.00000\n",
    );
  });

  it("refuses what is not finite and leaves nothing behind", async () => {
    const path = join(folder, "ref.csv");
    await assert.rejects(
      writeDescriptorCsv(path, Float32Array.of(1, 2, 3, NaN), 2),
      new RegExp("ref.csv: row 2, value 2: found NaN, wanted a finite number"),
    );
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });

  it("refuses a folder in its place and leaves nothing behind", async () => {
    const path = join(folder, "ref.csv");
    await Deno.mkdir(path);
    await assert.rejects(
      writeDescriptorCsv(path, new Float32Array(2), 2),
      /^DataError: Cannot write the descriptors: .*ref\.csv: found .*, wanted a writable file$/,
    );
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assert.deepEqual(names, ["ref.csv"]);
  });

  it("names a folder that is not there", async () => {
    await assert.rejects(
      writeDescriptorCsv(join(folder, "no", "ref.csv"), new Float32Array(2), 2),
      DataError,
    );
    await assert.rejects(
      readDescriptorCsv(join(folder, "no.csv")),
      /no\.csv: found no such file or folder, wanted a file of numbers/,
    );
  });
});
