import assert from "node:assert/strict";
import { join } from "@std/path";
import { describe, it } from "@std/testing/bdd";
import { projectDirectory, runProcess } from "./helpers/command_line.ts";

/** Runs a copy of `.ci/run` beside a `./run` that prints `output` and ends with `code`. */
async function ciWith(output: string, code: number) {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.mkdirSync(join(folder, ".ci"));
    const script = join(folder, ".ci", "run");
    Deno.copyFileSync(join(projectDirectory, ".ci", "run"), script);
    Deno.writeTextFileSync(join(folder, "output"), output);
    Deno.writeTextFileSync(
      join(folder, "run"),
      `#!/bin/sh\n[ "$*" = test ] || exit 99\ncat output\nexit ${code}\n`,
    );
    Deno.chmodSync(join(folder, "run"), 0o755);
    const { stdout, ...rest } = await runProcess(script, [], { cwd: "/" });
    const lines = stdout.trimEnd().split("\n");
    return { ...rest, lines, last: lines[lines.length - 1] };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

describe(".ci/run", () => {
  it("shows the tests' output and ends with the counts", async () => {
    const { code, lines, last } = await ciWith(
      "a test ... ok\n\nok | 12 passed (34 steps) | 0 failed (5s)\n",
      0,
    );
    assert.equal(code, 0);
    assert.equal(lines[0], "a test ... ok");
    assert.equal(last, "46 passed, 0 failed");
  });

  it("fails when a test failed", async () => {
    const { code, last } = await ciWith(
      "FAILED | 3 passed (1 step) | 2 failed (4 steps) | 1 ignored (5s)\n\nerror: Test failed\n",
      1,
    );
    assert.equal(code, 1);
    assert.equal(last, "4 passed, 6 failed");
  });

  it("fails when the tests ended without a summary", async () => {
    for (const code of [0, 1, 139]) {
      const ci = await ciWith(
        "Check tests/x.ts\nerror: Type checking failed.\n",
        code,
      );
      assert.equal(ci.code, 1);
      assert.equal(ci.last, "0 passed, 1 failed");
    }
  });

  it("fails when the process crashed after a good summary", async () => {
    const { code, last } = await ciWith("ok | 3 passed | 0 failed (5s)\n", 139);
    assert.equal(code, 1);
    assert.equal(last, "3 passed, 1 failed");
  });

  it("takes the last summary, not one that a test printed", async () => {
    const { last } = await ciWith(
      "ok | 99 passed | 0 failed (1s)\nok | 3 passed | 0 failed (5s)\n",
      0,
    );
    assert.equal(last, "3 passed, 0 failed");
  });
});
