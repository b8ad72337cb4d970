import assert from "node:assert/strict";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { FileIndex } from "../../../pipeline/files/file_index.ts";
import {
  readSealedJson,
  writeSealedJson,
} from "../../../pipeline/files/sealed_json.ts";

let root = "";
let reads = 0;

beforeEach(() => {
  root = Deno.makeTempDirSync({ prefix: "index-" });
  reads = 0;
});

afterEach(() => Deno.removeSync(root, { recursive: true }));

/** Looks the file up in the index on disk, as a new process would. */
async function look(file: string, version = 1): Promise<string> {
  const index = new FileIndex<string>(join(root, "index.json"), version);
  const fact = await index.get(file, (path) => {
    reads++;
    return Deno.readTextFileSync(path);
  });
  await index.save();
  return fact;
}

/** Waits until files that exist now are old enough to be trusted. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2100));
}

describe("FileIndex", () => {
  it("reads an old file once and a changed one again", async () => {
    const file = join(root, "file");
    Deno.writeTextFileSync(file, "one");
    await look(file);
    await look(file);
    assert.equal(reads, 2, "a file this young could change unnoticed");
    await settle();
    await look(file);
    await look(file);
    assert.equal(reads, 3);
    await look(file, 2);
    assert.equal(reads, 4, "another version of the fact");
    const { mtime } = Deno.statSync(file);
    Deno.writeTextFileSync(file, "two");
    Deno.utimeSync(file, mtime!, mtime!);
    assert.equal(await look(file, 2), "two", "same size and time, other bytes");
  });

  it("is empty when its file is damaged", async () => {
    const file = join(root, "file");
    Deno.writeTextFileSync(join(root, "index.json"), '{"version":1}');
    Deno.writeTextFileSync(file, "one");
    assert.equal(await look(file), "one");
  });
});

describe("sealed JSON", () => {
  it("comes back as written, and not at all when a bit of it changed", async () => {
    const path = join(root, "folder", "record.json");
    const content = { key: "abc", list: [1, { a: null }] };
    await writeSealedJson(path, content);
    assert.deepEqual(readSealedJson(path), content);
    assert.deepEqual(
      [...Deno.readDirSync(join(root, "folder"))].map(({ name }) => name),
      ["record.json"],
    );
    const bytes = Deno.readFileSync(path);
    for (let at = 0; at < bytes.length - 1; at++) {
      const damaged = bytes.slice();
      damaged[at] ^= 1;
      Deno.writeFileSync(path, damaged);
      const read = readSealedJson(path);
      assert.ok(read === undefined, `byte ${at}: ${JSON.stringify(read)}`);
      Deno.writeFileSync(path, bytes.subarray(0, at));
      assert.equal(readSealedJson(path), undefined);
    }
    assert.equal(readSealedJson(join(root, "none.json")), undefined);
  });
});
