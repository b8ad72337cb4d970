import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { encodePng } from "../../../data/mod.ts";
import { collage } from "../../helpers/data/test_images.ts";
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

  it("refuses, as plan and reproduce do, photographs that cannot be used, all at once", async () => {
    const photographs = join(folder, "photographs");
    Deno.mkdirSync(photographs);
    const sound = encodePng(collage(300, 260, 1));
    const cut = sound.subarray(0, sound.length - 50);
    for (
      const [name, bytes] of [["a", sound], ["b", cut], ["c", sound]] as const
    ) Deno.writeFileSync(join(photographs, `${name}.png`), bytes);
    Deno.writeTextFileSync(join(photographs, "d.jpg"), "GIF89a");
    Deno.symlinkSync("/gone.jpg", join(photographs, "e.jpg"));
    for (const command of ["status", "plan", "explain", "reproduce"]) {
      const { code, stderr } = await runCli([
        command,
        configFile("smoke.toml"),
        `--set=download.source_dir=${photographs}`,
      ], { cwd: folder });
      assert.equal(code, 2, stderr);
      assert.match(
        stderr,
        /^Cannot use the photographs: \S+photographs: found 3 of 5 that cannot be used \(b\.png: a damaged PNG \(cut short\); d\.jpg: a GIF, which is not supported; e\.jpg: a link to \/gone\.jpg, where nothing is\), wanted .*\n$/,
      );
    }
  });
});
