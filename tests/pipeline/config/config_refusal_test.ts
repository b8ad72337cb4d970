import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  onlyProblemOf,
  problemsOf,
} from "../../helpers/pipeline/config_problems.ts";

describe("a config that is refused", () => {
  const outOfRange = [
    "download.patch_sets=1",
    "download.min_sets_per_img=-2",
    "download.max_sets_per_img=0",
    "download.views=1",
    "download.held_out=0",
    "download.patches_per_sequence=1",
    "stage1.epochs=0",
    "stage1.batch_size=0",
    "stage1.batch_size=1",
    "stage1.test_batch_size=0",
    "stage1.lr=-0.1",
    "stage1.lr=0",
    "stage1.lr=nan",
    "stage1.wd=-1",
    "stage1.R=-1",
    "stage1.B=0",
    "stage1.A=-1",
    "stage1.neg_num=0",
    "stage1.teacher=",
    "stage1.threshold=-3",
    "stage1.upper=3",
    "stage1.marginpos=-1",
    "stage1.dropout=-0.1",
    "stage1.save_every_steps=0",
    "stage2.lr_factor=0",
    "stage2.bsNum=0",
    "stage2.batch_step=0",
    "stage2.final_batch_size=1",
    "stage2.range=-1",
    "extract.batch_size=0",
    "evaluate.retrieval_k=[0]",
    "gpu.memory_mib=-1",
    "seed=-1",
    "seed=4294967296",
    "seed=1e400",
  ];
  it("names every number that is out of its range", () => {
    for (const override of outOfRange) {
      const problem = onlyProblemOf("", [override]);
      const key = override.slice(0, override.indexOf("="));
      assert.ok(problem.startsWith(`--set ${override}: ${key}`), problem);
      assert.match(problem, /: found .+, wanted .+/);
    }
  });

  it("says what a network of other authors is good for", () => {
    for (const arch of ["HardNet", "SOSNet", "TFeat"]) {
      assert.equal(
        onlyProblemOf("", [`stage1.arch=${arch}`]),
        `--set stage1.arch=${arch}: stage1.arch: found "${arch}", wanted "SDGMNet128"; ` +
          `${arch} is not trained here: give its authors' checkpoint to extract, evaluate, match or features`,
      );
    }
  });

  it("reports everything that is wrong, in the order of the file", () => {
    const text = "sed = 1\n[stage1]\nlr = -1\nepochz = 2\n[gpu]\nx = 1\n";
    assert.deepEqual(
      problemsOf(text).map((line) => line.split(": ")[0]),
      ["x.toml:1:1", "x.toml:3:6", "x.toml:4:1", "x.toml:6:1"],
    );
  });

  it("names an override that is no assignment", () => {
    const usage = "wanted --set <key>=<value>, as in --set stage1.lr=0.01";
    for (const override of ["stage1.lr", "=3", "a b=1", '"x"=1']) {
      assert.equal(
        onlyProblemOf("", [override]),
        `--set ${override}: found no assignment, ${usage}`,
      );
    }
  });

  it("names an override of a key that does not exist", () => {
    assert.equal(
      onlyProblemOf("", ["stage1.lrr=1"]),
      "--set stage1.lrr=1: stage1.lrr: found an unknown key, wanted a known key; did you mean stage1.lr?",
    );
  });

  it("takes an override for one value only", () => {
    assert.match(
      onlyProblemOf("", ["stage1={ lr = 1, wd = 2 }"]),
      /found several values at once, wanted one value; give --set several/,
    );
    assert.match(
      onlyProblemOf("", ["seed=1\nstage1.lr=2"]),
      /seed: found "1\\nstage1.lr=2", wanted a whole number|several values/,
    );
  });

  it("survives keys that objects already have", () => {
    for (const key of ["__proto__", "constructor", "toString"]) {
      assert.match(onlyProblemOf(`${key} = 1`), /found an unknown key/);
      assert.match(onlyProblemOf(`[${key}]\nx=1`), /found an unknown section/);
      assert.match(onlyProblemOf(`[gpu]\n${key} = 1`), /found an unknown key/);
    }
  });

  it("survives deep nesting", () => {
    const text = `x = ${"[".repeat(100_000)}`;
    assert.match(onlyProblemOf(text), /nested too deep|valid TOML/);
  });
});
