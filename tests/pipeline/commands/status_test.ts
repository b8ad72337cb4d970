import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { projectDirectory, runCli } from "../../helpers/command_line.ts";

let folder: string;

beforeEach(() => {
  folder = Deno.makeTempDirSync();
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

const configFile = (name: string) => join(projectDirectory, "configs", name);

describe("status", () => {
  it("prints what training consists of, then the state of each stage", async () => {
    const { code, stdout } = await runCli(
      ["status", configFile("smoke.toml")],
      {
        cwd: folder,
      },
    );
    assert.equal(code, 1);
    assert.deepEqual(stdout.trimEnd().split("\n"), [
      "stage1: 4 steps (2 × 2), batch 8 × 3 patches, lr 0.0033, loss ExpTeacher",
      "stage2: 4 steps in 2 cycles, 2 patches of each label",
      "  cycle  batch        lr  threshold  steps",
      "      0      6    1.5e-6       -0.1      2",
      "      1      4  1.125e-6      -0.05      2",
      "",
      "download  stale    never ran",
      "stage1    blocked  depends on download",
      "stage2    blocked  depends on download (and 1 more)",
      "extract   blocked  depends on download (and 1 more)",
      "evaluate  blocked  depends on download (and 1 more)",
    ]);
  });

  it("gives the same as JSON", async () => {
    const { code, stdout } = await runCli([
      "status",
      configFile("smoke.toml"),
      "--json",
    ], { cwd: folder });
    assert.equal(code, 1);
    const { config, fresh, stages, training } = JSON.parse(stdout);
    assert.equal(config, "smoke");
    assert.equal(fresh, false);
    assert.equal(stages.length, 5);
    assert.equal(training.stage1.steps, 4);
    assert.deepEqual(training.stage2.cycles, [
      { batchSize: 6, learningRate: 1.5e-6, threshold: -0.1, steps: 2 },
      {
        batchSize: 4,
        learningRate: 1.5e-6 * 0.75,
        threshold: -0.1 + 0.05,
        steps: 2,
      },
    ]);
  });

  it("prints the authors' ladder although their data sets are not here yet", async () => {
    const { code, stdout } = await runCli(
      ["status", configFile("lib.toml")],
      { cwd: folder },
    );
    assert.equal(code, 1);
    assert.match(stdout, /^ +14 +1024 +2\.67269e-8 +0\.6 +1400$/m);
    assert.match(stdout, /^download +stale +never ran$/m);
  });
});
