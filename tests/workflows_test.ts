import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { parseDocument } from "yaml";
import { projectDirectory, runProcess } from "./helpers/command_line.ts";

/** The part of a workflow that is checked here. */
interface Workflow {
  name: string;
  on: unknown;
  permissions: unknown;
  jobs: Record<string, {
    "runs-on": string;
    "timeout-minutes": number;
    needs?: string;
    strategy?: { matrix: Record<string, string[]> };
    steps: {
      id?: string;
      name?: string;
      uses?: string;
      run?: string;
      with?: Record<string, unknown>;
    }[];
  }>;
}

const folder = join(projectDirectory, ".github", "workflows");
const { tasks } = JSON.parse(
  Deno.readTextFileSync(join(projectDirectory, "deno.json")),
) as { tasks: Record<string, unknown> };

function read(name: string): Workflow {
  const document = parseDocument(Deno.readTextFileSync(join(folder, name)), {
    strict: true,
    uniqueKeys: true,
  });
  assert.deepEqual([...document.errors, ...document.warnings], [], name);
  return document.toJS();
}

for (const file of ["ci.yml", "page.yml", "reproduce.yml"]) {
  describe(`the workflow ${file}`, () => {
    const workflow = read(file);
    const steps = Object.values(workflow.jobs).flatMap(({ steps }) => steps);
    const scripts = steps.flatMap(({ run }) => run === undefined ? [] : [run]);

    it("may only read, and has a limit of time for every job", () => {
      assert.deepEqual(workflow.permissions, { contents: "read" });
      for (const job of Object.values(workflow.jobs)) {
        assert.ok(job["timeout-minutes"] > 0);
        assert.ok(job["runs-on"].length > 0);
        assert.ok(job.needs === undefined || job.needs in workflow.jobs);
      }
    });

    it("starts with a checkout in every job that leaves no credentials, and names the commit of each action", () => {
      for (const { steps } of Object.values(workflow.jobs)) {
        // What only publishes touches no file of the repository.
        if (!/^actions\/deploy-pages@/.test(steps[0].uses!)) {
          assert.match(steps[0].uses!, /^actions\/checkout@/);
          assert.equal(steps[0].with?.["persist-credentials"], false);
        }
        for (const { uses, run } of steps) {
          assert.notEqual(uses === undefined, run === undefined);
          if (uses) {
            assert.match(uses, /^actions\/[\w/-]+@[0-9a-f]{40}$/);
          }
        }
      }
    });

    it("runs tasks and files that are there", () => {
      let found = 0;
      for (const script of scripts) {
        for (const [, task] of script.matchAll(/\.\/run ([\w:-]+)/g)) {
          assert.ok(task in tasks, task);
          found++;
        }
        for (const [path] of script.matchAll(/\.ci\/\w+/g)) {
          assert.ok(Deno.statSync(join(projectDirectory, path)).isFile);
          found++;
        }
      }
      assert.ok(found >= 2);
    });

    it("has scripts that a shell can read, without expressions in them", async () => {
      for (const script of scripts) {
        assert.doesNotMatch(script, /\$\{\{/, "an expression may hold code");
        const { code, stderr } = await runProcess("bash", ["-n", "-c", script]);
        assert.equal(code, 0, stderr);
      }
    });
  });
}

describe("the workflow ci.yml", () => {
  const { jobs } = read("ci.yml");

  it("computes a known answer before any other test, on every system", () => {
    for (const { steps } of [jobs.test, jobs.gpu]) {
      assert.match(steps[1].run!, /\.\/run test:known-answer$/);
    }
    assert.deepEqual(jobs.gpu.strategy!.matrix.os, [
      "macos-15",
      "windows-2025",
    ]);
  });

  it("has lines end as they are written, on Windows too", async () => {
    const work = await Deno.makeTempDir();
    try {
      const [source, copy] = [join(work, "source"), join(work, "copy")];
      Deno.mkdirSync(source);
      for (const name of ["run", ".gitattributes"]) {
        Deno.copyFileSync(join(projectDirectory, name), join(source, name));
      }
      const git = async (...args: string[]) => {
        const { code, stderr } = await runProcess("git", [
          "-c",
          "user.name=test",
          "-c",
          "user.email=test@localhost",
          ...args,
        ], { cwd: source });
        assert.equal(code, 0, stderr);
      };
      await git("init", "--quiet");
      await git("add", ".");
      await git("commit", "--quiet", "--message=all");
      // As Git for Windows is set on the runners.
      await git("clone", "--quiet", "-c", "core.autocrlf=true", source, copy);
      const script = Deno.readTextFileSync(join(copy, "run"));
      assert.ok(!script.includes("\r"));
    } finally {
      await Deno.remove(work, { recursive: true });
    }
  });
});

describe("the workflow page.yml", () => {
  const { jobs } = read("page.yml");

  it("publishes what it built", () => {
    const build = jobs.build.steps.find(({ run }) =>
      run?.startsWith("./run page ")
    );
    const upload = jobs.build.steps.find(({ uses }) =>
      uses?.startsWith("actions/upload-pages-artifact@")
    );
    assert.match(build!.run!, new RegExp(` --build ${upload!.with!.path}$`));
    assert.equal(jobs.publish.needs, "build");
  });
});

describe("the workflow reproduce.yml", () => {
  const { jobs } = read("reproduce.yml");

  it("trains a config for each training set of the paper, on the runners that a variable names", () => {
    const { config } = jobs.train.strategy!.matrix;
    assert.deepEqual(config, ["lib", "nd", "yos"]);
    for (const name of config) {
      Deno.statSync(join(projectDirectory, "configs", `${name}.toml`));
    }
    assert.match(jobs.train["runs-on"], /vars\.GPU_RUNNER/);
  });

  it("restores what it saves, for its own config", () => {
    const cache = (kind: string) =>
      jobs.train.steps.find(({ uses }) =>
        uses?.startsWith(`actions/cache/${kind}@`)
      )!
        .with!;
    assert.equal(cache("restore").path, ".cache\n!.cache/downloads\n");
    assert.equal(cache("save").path, ".cache\n!.cache/downloads\n");
    const prefix = String(cache("restore")["restore-keys"]);
    assert.match(prefix, /matrix\.config/);
    assert.equal(
      cache("save").key,
      `${prefix}\${{ steps.results.outputs.key }}`,
    );
  });

  describe("the name of what is saved", () => {
    const { run } = jobs.train.steps.find(({ id }) => id === "results")!;
    const [early, last] = ["1", "2"].map((digit) => digit.repeat(64));
    let work: string;
    beforeEach(() => {
      work = Deno.makeTempDirSync();
    });
    afterEach(() => Deno.removeSync(work, { recursive: true }));

    /** Runs the step's script beside a `./run` that prints such a plan, as `status --json` does. */
    async function nameOf(plan: unknown): Promise<string> {
      const text = JSON.stringify(plan, null, 2);
      Deno.writeTextFileSync(join(work, "plan"), `${text}\n`);
      Deno.writeTextFileSync(
        join(work, "run"),
        "#!/bin/sh\ncat plan\nexit 1\n",
      );
      Deno.chmodSync(join(work, "run"), 0o755);
      const output = join(work, "output");
      // As the runner starts a script.
      const { code, stderr } = await runProcess("bash", [
        "-e",
        "-c",
        run!,
      ], {
        cwd: work,
        env: { CONFIG: "lib", ATTEMPT: "77-1", GITHUB_OUTPUT: output },
      });
      assert.equal(code, 0, stderr);
      return Deno.readTextFileSync(output);
    }

    it("is the last stage's key when everything is fresh", async () => {
      const name = await nameOf({
        config: "lib",
        fresh: true,
        stages: [{ stage: "a", key: early }, { stage: "b", key: last }],
      });
      assert.equal(name, `key=${last}\n`);
    });

    it("is that of the attempt when something is not", async () => {
      const name = await nameOf({
        config: "lib",
        fresh: false,
        stages: [{ stage: "a", key: early }, { stage: "b", key: null }],
      });
      assert.equal(name, "key=partial-77-1\n");
    });
  });
});
