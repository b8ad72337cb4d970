import assert from "node:assert/strict";
import { join } from "@std/path";
import { describe, it } from "@std/testing/bdd";
import { moveFile } from "../../../pipeline/files/move_file.ts";

describe("moveFile", () => {
  it("copies what cannot be renamed onto another file system, with its time", async () => {
    const folder = Deno.makeTempDirSync();
    try {
      const [from, to] = [join(folder, "a"), join(folder, "b")];
      Deno.writeTextFileSync(from, "bytes");
      Deno.utimeSync(from, 1000, 1000);
      const { rename } = Deno;
      let calls = 0;
      Deno.rename = (source, target) => {
        if (calls++ > 0) return rename(source, target);
        const error = new Error("Invalid cross-device link (os error 18)");
        return Promise.reject(error);
      };
      try {
        await moveFile(from, to);
      } finally {
        Deno.rename = rename;
      }
      assert.equal(calls, 2);
      assert.equal(Deno.statSync(to).mtime?.getTime(), 1_000_000);
      assert.deepEqual([...Deno.readDirSync(folder)].map((e) => e.name), ["b"]);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  });
});
