import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { projectDirectory, runProcess } from "../helpers/command_line.ts";

let folder: string;

beforeEach(() => {
  folder = Deno.makeTempDirSync();
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

describe("the check of a GPU", () => {
  it("says in one line that timeout(1) is missing, before it makes anything", async () => {
    const out = join(folder, "out");
    const { code, stdout, stderr } = await runProcess(Deno.execPath(), [
      "run",
      "--no-prompt",
      "--allow-read",
      "--allow-write",
      "--allow-run",
      "--allow-env",
      "--allow-sys",
      join(projectDirectory, "tests/device/check.ts"),
      `--out=${out}`,
    ], { env: { PATH: folder } });
    assert.equal(
      stderr,
      "Cannot run the check: found no timeout(1), wanted GNU's; run it on Linux\n",
    );
    assert.equal(stdout, "");
    assert.equal(code, 2);
    assert.throws(() => Deno.statSync(out), Deno.errors.NotFound);
  });
});
