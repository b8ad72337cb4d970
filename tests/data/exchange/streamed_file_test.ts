import { deepEqual, throws } from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { StreamedFile } from "../../../data/exchange/streamed_file.ts";

let folder: string;

beforeEach(() => {
  folder = Deno.makeTempDirSync();
});
afterEach(() => Deno.removeSync(folder, { recursive: true }));

const names = () => [...Deno.readDirSync(folder)].map(({ name }) => name);

/** Writes a file, and finishes it or not. */
function write(name: string, finishes: boolean): void {
  using file = new StreamedFile(join(folder, name), "write the matches");
  file.writeText("some");
  if (finishes) file.finish(new TextEncoder().encode("S"));
}

describe("a file that grows beside its place", () => {
  it("takes its name when it is finished, and stays", () => {
    write("a.txt", true);
    deepEqual(names(), ["a.txt"]);
    deepEqual(Deno.readTextFileSync(join(folder, "a.txt")), "Some");
  });

  it("is gone when it is given up", () => {
    write("a.txt", false);
    deepEqual(names(), []);
    const file = new StreamedFile(join(folder, "b.txt"), "write the matches");
    file[Symbol.dispose]();
    file[Symbol.dispose]();
    deepEqual(names(), []);
  });

  it("leaves nothing where its name is taken by a folder", () => {
    Deno.mkdirSync(join(folder, "a.txt"));
    throws(() => write("a.txt", true), /Cannot write the matches: .*a\.txt: /);
    deepEqual(names(), ["a.txt"]);
  });
});
