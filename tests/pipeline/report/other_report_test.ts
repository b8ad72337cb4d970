import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { removeOtherReport } from "../../../pipeline/report/other_report.ts";

let folder: string;
beforeEach(() => {
  folder = Deno.makeTempDirSync();
});
afterEach(() => Deno.removeSync(folder, { recursive: true }));

describe("a report of other results", () => {
  const skip = Deno.build.os === "windows";

  it("is not looked for without end in what is no file", { skip }, async () => {
    const path = join(folder, "results.json");
    Deno.symlinkSync("/dev/zero", path);
    await removeOtherReport(folder, "evaluate", "a".repeat(64));
    assert.ok(Deno.lstatSync(path).isSymlink);
  });
});
