import assert from "node:assert/strict";
import { join } from "@std/path";
import { describe, it } from "@std/testing/bdd";
import { projectDirectory, runProcess } from "./helpers/command_line.ts";

/** What a task prints, and the code that it ends with. */
type Run = [output: string, code: number];

/** What a task says that finds nothing to run on. */
const ignored: Run = ["ok | 0 passed | 0 failed | 1 ignored (3s)\n", 0];

/** Runs a copy of `.ci/run` beside a `./run` that does as told; Slurm counts as here when `slurm` is given. */
async function ciWith(
  output: string,
  code: number,
  { slurm, dawn = ignored, page = ignored }: {
    slurm?: Run;
    dawn?: Run;
    page?: Run;
  } = {},
) {
  const folder = Deno.makeTempDirSync();
  const write = (name: string, text: string) => {
    Deno.writeTextFileSync(join(folder, name), text);
    Deno.chmodSync(join(folder, name), 0o755);
  };
  try {
    for (const name of [".ci", "bin"]) Deno.mkdirSync(join(folder, name));
    const script = join(folder, ".ci", "run");
    Deno.copyFileSync(join(projectDirectory, ".ci", "run"), script);
    write("test", output);
    write("test:dawn", dawn[0]);
    write("test:page", page[0]);
    write("test:slurm", slurm?.[0] ?? "");
    write(
      "run",
      `#!/bin/sh\ncat "$*" || exit 99\ncase $* in\ntest) exit ${code} ;;\ntest:dawn) exit ${
        dawn[1]
      } ;;\ntest:page) exit ${page[1]} ;;\nesac\nexit ${slurm?.[1] ?? 99}\n`,
    );
    if (slurm !== undefined) {
      for (const name of ["slurmctld", "slurmd", "munged", "sbatch"]) {
        write(`bin/${name}`, "#!/bin/sh\n");
      }
    }
    const { stdout, ...rest } = await runProcess(script, [], {
      cwd: "/",
      env: { PATH: `${folder}/bin:/usr/bin:/bin` },
    });
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

  it("says so when there is no Slurm, and counts nothing for it", async () => {
    const { code, stderr, last } = await ciWith(
      "ok | 3 passed | 0 failed (5s)\n",
      0,
    );
    assert.equal(code, 0);
    assert.equal(stderr, "test:slurm did not run: Slurm is not here\n");
    assert.equal(last, "3 passed, 0 failed");
  });

  it("adds the counts of the tests on Dawn and of the page", async () => {
    const tests = "ok | 3 passed (4 steps) | 0 failed (5s)\n";
    const dawn: [run: Run, code: number, last: string][] = [
      [
        ["ok | 0 passed (39 steps) | 0 failed (9s)\n", 0],
        0,
        "46 passed, 0 failed",
      ],
      [
        ["FAILED | 0 passed (38 steps) | 1 failed (1 step) (9s)\n", 1],
        1,
        "45 passed, 2 failed",
      ],
      [["error: Cannot install Dawn\n", 1], 1, "7 passed, 1 failed"],
    ];
    for (const [run, code, last] of dawn) {
      for (const task of ["dawn", "page"]) {
        const ci = await ciWith(tests, 0, { [task]: run });
        assert.equal(ci.code, code);
        assert.equal(ci.last, last);
      }
    }
  });

  it("adds the counts of the Slurm test", async () => {
    const tests = "ok | 3 passed (4 steps) | 0 failed (5s)\n";
    const slurm: [run: Run, code: number, last: string][] = [
      [
        ["ok | 1 passed (4 steps) | 0 failed (9s)\n", 0],
        0,
        "12 passed, 0 failed",
      ],
      [
        ["FAILED | 0 passed (3 steps) | 1 failed (1 step) (9s)\n", 1],
        1,
        "10 passed, 2 failed",
      ],
      [["error: Cannot test Slurm\n", 1], 1, "7 passed, 1 failed"],
    ];
    for (const [run, code, last] of slurm) {
      const ci = await ciWith(tests, 0, { slurm: run });
      assert.equal(ci.code, code);
      assert.equal(ci.last, last);
    }
  });
});
