import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import {
  projectDirectory,
  runCli,
  runProcess,
} from "../../helpers/command_line.ts";
import { writeDrawnSmoke } from "../../helpers/pipeline/drawn_smoke.ts";

let folder: string;
let config: string;

beforeEach(async () => {
  folder = Deno.realPathSync(Deno.makeTempDirSync());
  config = await writeDrawnSmoke(folder);
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

describe("--cache and --runs", () => {
  it("keep the store and the run folders elsewhere, for every command alike", async () => {
    const cwd = join(folder, "here");
    Deno.mkdirSync(cwd);
    const store = join(folder, "a store");
    const places = ["--cache", store, `--runs=${join(folder, "results")}`];
    const run = (...args: string[]) =>
      runProcess(join(projectDirectory, "run"), args, { cwd });
    const done = await run(
      "reproduce",
      config,
      "--until",
      "download",
      ...places,
    );
    assert.equal(done.code, 0, done.stderr);
    assert.ok(
      Deno.statSync(join(folder, "results", "smoke", "download")).isDirectory,
    );
    assert.deepEqual([...Deno.readDirSync(cwd)], []);
    const status = await run("status", config, ...places);
    assert.match(status.stdout, /^download {2}fresh/m, status.stderr);
    const dry = await run(
      ...["reproduce", config, "--until", "download", "--dry-run", ...places],
    );
    assert.equal(dry.code, 0, dry.stderr);
    const list = await run("cache", "ls", "--cache", store);
    assert.match(list.stdout, /^[0-9a-f]{12} {2}download/, list.stderr);
    const plan = await run("plan", config, "--no-probe", ...places);
    assert.match(plan.stdout, /download {2}fresh/, plan.stderr);
    const accepted = await run("accept", config, "download", ...places);
    assert.equal(accepted.stdout, "download: fresh already\n", accepted.stderr);
    const doctor = await run("doctor", ...places);
    assert.match(doctor.stdout, /^ok +write .*a store\/: allowed$/m);
    const without = await run("status", config);
    assert.match(without.stdout, /^download {2}stale {4}never ran$/m);
  });

  it("name folders that Deno can permit", async () => {
    const faults: [value: string, message: RegExp][] = [
      ["a,b", /^Cannot use the folder of --cache: a,b: found a comma, /],
      ["/dev/shm/x", /^Cannot use the folder of --cache: .*outside \/dev, /],
    ];
    for (const [value, message] of faults) {
      const { code, stderr } = await runCli(
        ["status", config, "--cache", value],
        { cwd: folder },
      );
      assert.equal(code, 2);
      assert.match(stderr, message);
    }
  });

  it("are the way to another disk where a link would be", async () => {
    const target = join(folder, "other");
    Deno.mkdirSync(target);
    const cwd = join(folder, "here");
    Deno.mkdirSync(cwd);
    Deno.symlinkSync(target, join(cwd, ".cache"));
    const { code, stderr } = await runProcess(
      join(projectDirectory, "run"),
      ["reproduce", config, "--until", "download"],
      { cwd },
    );
    assert.equal(code, 2);
    assert.equal(
      stderr,
      `Cannot make the store: ${
        join(cwd, ".cache")
      }: found a symbolic link to ${target}, where Deno permits nothing, wanted a folder, or --cache; remove the link and add --cache ${target}\n`,
    );
  });
});
