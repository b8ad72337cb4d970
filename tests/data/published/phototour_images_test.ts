import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { DataError, readPatchImages } from "../../../data/mod.ts";

let folder: string;
beforeEach(() => {
  folder = Deno.makeTempDirSync({ prefix: "interest-" });
});
afterEach(() => Deno.removeSync(folder, { recursive: true }));

const write = (text: string) =>
  Deno.writeTextFileSync(join(folder, "interest.txt"), text);

describe("interest.txt", () => {
  it("gives the first column of each line", async () => {
    write("7 10.5 20.5 0.1 3\r\n7 1 2 3 4\n12 1 2 3 4\n\n");
    assert.deepEqual([...await readPatchImages(folder, 3)], [7, 7, 12]);
  });

  const refusals: [string, string | undefined, RegExp][] = [
    ["that is missing", undefined, /interest\.txt: found .*no such file/i],
    [
      "of another length",
      "1 2\n1 2\n",
      /interest\.txt: found 2 lines, wanted 3, one a patch; unpack/,
    ],
    [
      "with a number that is none",
      "1 2\n1.5 2\n1 2\n",
      /interest\.txt:2: found image "1\.5", wanted a number of 0 or more/,
    ],
  ];
  for (const [title, text, message] of refusals) {
    it(`is refused in one line ${title}`, async () => {
      if (text !== undefined) write(text);
      await assert.rejects(readPatchImages(folder, 3), (error) => {
        assert.ok(error instanceof DataError);
        assert.match(error.message, message);
        return true;
      });
    });
  }
});
