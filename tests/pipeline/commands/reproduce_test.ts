import assert from "node:assert/strict";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { projectDirectory, runCli } from "../../helpers/command_line.ts";

let folder: string;

beforeEach(() => {
  folder = Deno.makeTempDirSync({ prefix: "dry-" });
  const smoke = join(projectDirectory, "configs/smoke.toml");
  const write = (name: string, text: string) =>
    Deno.writeTextFileSync(
      join(folder, `${name}.toml`),
      `extends = ${JSON.stringify(smoke)}\n${text}`,
    );
  write("lib", "");
  write("plain", "[stage2]\nenabled = false\n");
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

describe("reproduce --dry-run", () => {
  it("says for each config what would run and what they share, and does nothing", async () => {
    const { code, stdout } = await runCli(
      ["reproduce", "--dry-run", "lib.toml", "plain.toml"],
      { cwd: folder },
    );
    assert.equal(code, 1);
    const [lib, plain] = stdout.split("plain:\n");
    assert.match(lib, /^lib:\ndownload +stale +never ran\n/);
    assert.match(
      plain,
      /^download +stale +shared with lib\n +never ran\nstage1 +blocked +shared with lib\n +depends on download\nextract +blocked +depends on download\n/,
    );
    assert.deepEqual(
      [...Deno.readDirSync(folder)].map(({ name }) => name).sort(),
      ["lib.toml", "plain.toml"],
    );
  });

  it("gives the plans as JSON", async () => {
    const { stdout } = await runCli(
      ["reproduce", "--dry-run", "--json", "lib.toml", "plain.toml"],
      { cwd: folder },
    );
    const [lib, plain] = JSON.parse(stdout);
    assert.equal(lib.stages[1].sharedWith, null);
    assert.equal(plain.stages[1].stage, "stage1");
    assert.equal(plain.stages[1].sharedWith, "lib");
    assert.equal(plain.stages[2].sharedWith, null);
  });
});

describe("reproduce --seeds", () => {
  it("is a run for each seed, with a folder of its own", async () => {
    const { code, stdout } = await runCli(
      ["reproduce", "--dry-run", "--json", "--seeds", "1, 22", "lib.toml"],
      { cwd: folder },
    );
    assert.equal(code, 1);
    const plans = JSON.parse(stdout) as { config: string }[];
    assert.deepEqual(
      plans.map(({ config }) => config),
      ["lib-seed1", "lib-seed22"],
    );
  });

  for (
    const [args, found] of [
      [["--seeds", "1"], "--seeds 1"],
      [["--seeds", "1,1"], "--seeds 1,1"],
      [["--seeds", "1,two"], "--seeds 1,two"],
      [["--seeds", "1,4294967296"], "--seeds 1,4294967296"],
      [["--seeds", "1,2", "--frozen"], "--seeds with --frozen"],
      [["--seeds", "1,2", "--until", "stage1"], "--seeds with --until"],
    ] as const
  ) {
    it(`refuses ${args.join(" ")} in one line`, async () => {
      const { code, stderr } = await runCli(
        ["reproduce", ...args, "lib.toml"],
        { cwd: folder },
      );
      assert.equal(code, 2);
      assert.match(stderr, /^Cannot run reproduce: found [^\n]+\n$/);
      assert.ok(stderr.includes(`found ${found}, wanted `), stderr);
    });
  }
});

describe("reproduce --frozen", () => {
  it("without a lock file exits with 2 before any work", async () => {
    const { code, stderr } = await runCli(
      ["reproduce", "--frozen", "lib.toml"],
      { cwd: folder },
    );
    assert.equal(code, 2);
    assert.equal(
      stderr,
      "Cannot reproduce the pinned results: lib.lock.json: found no such file, wanted the config's lock file; write it with `./run lock` and commit it\n",
    );
  });
});

describe("lock", () => {
  it("refuses while results are stale", async () => {
    const { code, stderr } = await runCli(["lock", "lib.toml"], {
      cwd: folder,
    });
    assert.equal(code, 2);
    assert.equal(
      stderr,
      "Cannot write the lock file: lib.lock.json: found download stale: never ran, wanted results of the present code and config; run `./run reproduce` first\n",
    );
  });
});

describe("card", () => {
  it("refuses while results are stale, and writes nothing", async () => {
    const { code, stderr } = await runCli(["card", "lib.toml"], {
      cwd: folder,
    });
    assert.equal(code, 2);
    assert.equal(
      stderr,
      "Cannot write the model card: lib.toml: found download stale: never ran, wanted results of the present code and config; run `./run reproduce` first\n",
    );
    assert.throws(() => Deno.statSync(join(folder, "weights")));
  });
});

describe("accept", () => {
  it("refuses a stage that never ran", async () => {
    const { code, stderr } = await runCli(["accept", "lib.toml", "download"], {
      cwd: folder,
    });
    assert.equal(code, 2);
    assert.equal(
      stderr,
      "Cannot accept download: found no result of it; run `./run reproduce` instead\n",
    );
  });
});
