import assert from "node:assert/strict";
import { join, relative } from "@std/path";
import { describe, it } from "@std/testing/bdd";
import { annealingCycles } from "../pipeline/annealing.ts";
import { type Config, loadConfig } from "../pipeline/config.ts";
import { stage1 } from "../pipeline/stages/stage1.ts";
import { projectDirectory } from "./helpers/command_line.ts";

const folder = join(projectDirectory, "configs");

function filesBelow(directory: string): string[] {
  return [...Deno.readDirSync(directory)].flatMap(({ name, isDirectory }) => {
    const path = join(directory, name);
    return isDirectory ? filesBelow(path) : [relative(folder, path)];
  }).sort();
}

const load = (file: string): Promise<Config> => loadConfig(join(folder, file));

describe("the bundled configs", () => {
  it("can all be read, and each has a run folder of its own", async () => {
    const files = filesBelow(folder);
    assert.ok(files.includes("demo.toml") && files.includes("lib-paper.toml"));
    const names = new Set<string>();
    for (const file of files) {
      assert.match(file, /\.toml$/);
      names.add((await load(file)).name);
    }
    assert.equal(names.size, files.length);
  });

  it("hold the paper's values where they are not the command line's", async () => {
    const [code, paper] = [
      await load("lib.toml"),
      await load("lib-paper.toml"),
    ];
    assert.equal(code.stage1.lr, 0.0033);
    assert.equal(code.stage2.threshold, -0.1);
    assert.deepEqual(paper, {
      ...code,
      name: paper.name,
      file: paper.file,
      stage1: { ...code.stage1, lr: 0.033 },
      stage2: { ...code.stage2, threshold: -0.15 },
    });
    assert.equal(annealingCycles(paper.stage2)[0].threshold, -0.15);
  });

  it("hold the eight cells of the ablation, which differ in what they are named after", async () => {
    const files = filesBelow(join(folder, "ablation"));
    assert.equal(files.length, 8);
    const base = await load("lib.toml");
    const losses: Record<string, Config["stage1"]["loss"]> = {
      triplet: "tripletMargin_o",
      triplet_unbiased: "tripletTeacher",
      balance: "balance",
      balance_unbiased: "ExpTeacher",
    };
    for (const [cell, loss] of Object.entries(losses)) {
      const before = await load(`ablation/${cell}.toml`);
      const after = await load(`ablation/${cell}_annealed.toml`);
      assert.deepEqual(after, {
        ...base,
        name: `${cell}_annealed`,
        file: after.file,
        stage1: { ...base.stage1, loss },
      });
      assert.deepEqual(before, {
        ...after,
        name: cell,
        file: before.file,
        stage2: { ...after.stage2, enabled: false },
      });
      assert.deepEqual(stage1.parameters(before), stage1.parameters(after));
    }
  });
});
