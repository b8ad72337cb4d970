import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { DataError } from "../../../data/errors.ts";
import { RandomStream } from "../../../data/random.ts";
import {
  readPairTask,
  readQueryTask,
  readSplits,
} from "../../../data/published/hpatches_tasks.ts";

let folder: string;

beforeEach(async () => {
  folder = await Deno.makeTempDir();
});

afterEach(async () => {
  await Deno.remove(folder, { recursive: true });
});

async function file(text: string): Promise<string> {
  const path = join(folder, "task.csv");
  await Deno.writeTextFile(path, text);
  return path;
}

async function refuses(reading: Promise<unknown>, message: string) {
  await assert.rejects(reading, (error: unknown) => {
    assert.ok(error instanceof DataError);
    assert.ok(
      error.message.includes(message),
      `"${error.message}" lacks "${message}"`,
    );
    return true;
  });
}

describe("readPairTask", () => {
  const header = "s1,t1,idx1,s2,t2,idx2\n";

  it("reads pairs in file order, names in the order of their first use", async () => {
    const text = `${header}v_b,0,12,v_a,5,3\r\nv_a,1,0,v_b,2,70000\n`;
    const task = await readPairTask(await file(text));
    assert.deepEqual(task.sequences, ["v_b", "v_a"]);
    assert.deepEqual([...task.first.sequence], [0, 1]);
    assert.deepEqual([...task.second.sequence], [1, 0]);
    assert.deepEqual([...task.first.image], [0, 1]);
    assert.deepEqual([...task.second.image], [5, 2]);
    assert.deepEqual([...task.first.patch], [12, 0]);
    assert.deepEqual([...task.second.patch], [3, 70000]);
  });

  it("keeps names apart that share a hash", async () => {
    // 31·'A' + 'a' equals 31·'B' + 'B'.
    const task = await readPairTask(
      await file(`${header}Aa,0,1,BB,1,1\nBB,0,1,Aa,1,1\n`),
    );
    assert.deepEqual(task.sequences, ["Aa", "BB"]);
    assert.deepEqual([...task.first.sequence], [0, 1]);
  });

  it("takes a file of the header alone", async () => {
    const task = await readPairTask(await file(header));
    assert.equal(task.first.patch.length, 0);
  });

  it("reads a file of many blocks as one, with the right line in an error", async () => {
    // Lines of changing length, 3 MB of them, so that the blocks of the reading end anywhere in a line.
    const count = 120_000;
    const line = (i: number) =>
      `v_${i % 7},${i % 6},${i * 31},v_longer_${i % 3},${i % 5},${i}`;
    const lines = Array.from({ length: count }, (_, i) => line(i));
    const path = await file(`${header}${lines.join("\n")}\n\n\r\n`);
    assert.ok((await Deno.stat(path)).size > 3 * 2 ** 20);
    const { sequences, first, second } = await readPairTask(path);
    assert.equal(first.patch.length, count);
    assert.equal(sequences.length, 10);
    for (let i = 0; i < count; i++) {
      const [a, b] = [first, second].map(({ sequence, image, patch }) =>
        `${sequences[sequence[i]]},${image[i]},${patch[i]}`
      );
      assert.equal(`${a},${b}`, line(i));
    }
    lines[count - 1] += ",1";
    await refuses(
      readPairTask(await file(`${header}${lines.join("\n")}`)),
      `task.csv:${count + 1}: found more fields`,
    );
  });

  it("refuses a folder and an absent file", async () => {
    await refuses(readPairTask(folder), "found a folder, wanted a task file");
    await refuses(
      readPairTask(join(folder, "none.csv")),
      "none.csv: found no such file",
    );
  });

  it("names file, line and column of what is wrong", async () => {
    const read = async (text: string) => readPairTask(await file(text));
    await refuses(
      read("s,idx\n"),
      'task.csv:1: found "s,idx", wanted the header s1,t1,idx1,s2,t2,idx2',
    );
    await refuses(read(""), "task.csv:1: found nothing, wanted the header");
    await refuses(
      read(`${header}a,0,1,b,1,2\na,6,1,b,1,2\n`),
      'task.csv:3: found "6", wanted an integer from 0 to 5 in column t1',
    );
    await refuses(
      read(`${header}a,0,x,b,1,2\n`),
      'task.csv:2: found "x", wanted an integer',
    );
    await refuses(
      read(`${header}a,0,1.5,b,1,2\n`),
      'task.csv:2: found "1.5", wanted an integer',
    );
    await refuses(
      read(`${header}a,0,1\n`),
      "task.csv:2: found 3 fields, wanted 6",
    );
    await refuses(
      read(`${header}a,0,1,b,1,2,9\n`),
      "task.csv:2: found more fields, wanted 6",
    );
    await refuses(
      read(`${header},0,1,b,1,2\n`),
      "task.csv:2: found an empty field, wanted a sequence in column s1",
    );
    await refuses(
      readPairTask(join(folder, "absent.csv")),
      "absent.csv: found no such file",
    );
  });
});

describe("readQueryTask", () => {
  it("reads sequence and patch", async () => {
    const task = await readQueryTask(await file("s,idx\nv_a,3\ni_b,0\nv_a,9"));
    assert.deepEqual(task.sequences, ["v_a", "i_b"]);
    assert.deepEqual([...task.sequence], [0, 1, 0]);
    assert.deepEqual([...task.patch], [3, 0, 9]);
  });
});

describe("task files of arbitrary bytes", () => {
  it("are read or refused with a DataError", async () => {
    const stream = new RandomStream(1, "fuzz");
    const alphabet = new TextEncoder().encode("ab_019,,\r\n\n-. \u00e9");
    let read = 0;
    for (let round = 0; round < 300; round++) {
      const bytes = Uint8Array.from(
        { length: stream.integer(12) },
        () => alphabet[stream.integer(alphabet.length)],
      );
      const path = join(folder, "task.csv");
      await Deno.writeTextFile(path, "s,idx\n");
      await Deno.writeFile(path, bytes, { append: true });
      try {
        const task = await readQueryTask(path);
        assert.equal(task.patch.length, task.sequence.length);
        assert.ok(
          task.sequence.every((index) => index < task.sequences.length),
        );
        read++;
      } catch (error) {
        assert.ok(error instanceof DataError, `${error} at ${bytes}`);
        assert.match(error.message, /task\.csv:\d+: found/);
      }
    }
    assert.ok(read > 10);
  });
});

describe("readSplits", () => {
  it("reads splits with and without a training part", async () => {
    const splits = await readSplits(
      await file(
        '{"a": {"name": "a", "test": ["v_x"], "train": ["i_y"]}, "own": {"test": ["v_x"]}}',
      ),
    );
    assert.deepEqual(splits.get("a"), {
      name: "a",
      test: ["v_x"],
      train: ["i_y"],
    });
    assert.deepEqual(splits.get("own"), {
      name: "own",
      test: ["v_x"],
      train: [],
    });
  });

  it("names the place of what is wrong", async () => {
    const read = async (text: string) => readSplits(await file(text));
    await refuses(
      read('{\n"a": oops}'),
      "task.csv: found text that is not JSON",
    );
    await refuses(read("[]"), "found an array, wanted an object of splits");
    await refuses(
      read('{"a": {"name": "a"}}'),
      'task.csv: "a": "test": found nothing, wanted a list of sequence names',
    );
    await refuses(
      read('{"a": {"name": 3, "test": []}}'),
      'task.csv: "a": found 3, wanted a name',
    );
    await refuses(
      read('{"a": {"test": [1]}}'),
      'task.csv: "a": "test": found 1, wanted a name',
    );
    await refuses(read('{"a": null}'), 'task.csv: "a": "test": found nothing');
  });
});
