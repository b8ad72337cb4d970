import assert from "node:assert/strict";
import { join, relative } from "@std/path";
import { describe, it } from "@std/testing/bdd";
import { annealingCycles } from "../pipeline/training/annealing.ts";
import { type Config, loadConfig } from "../pipeline/config.ts";
import { parseExpectedFigure } from "../pipeline/config/expected.ts";
import { taskNames } from "../pipeline/config/task_names.ts";
import { stage1 } from "../pipeline/stages/stage1.ts";
import { projectDirectory } from "./helpers/command_line.ts";

const folder = join(projectDirectory, "configs");

function filesBelow(directory: string): string[] {
  return [...Deno.readDirSync(directory)].flatMap(({ name, isDirectory }) => {
    const path = join(directory, name);
    if (isDirectory) return filesBelow(path);
    return name.endsWith(".lock.json") ? [] : [relative(folder, path)];
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
    for (const set of ["lib", "nd", "yos"]) {
      const code = await load(`${set}.toml`);
      const paper = await load(`${set}-paper.toml`);
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
    }
  });

  it("measure the published network's training on the demo's test sets", async () => {
    const demo = await load("demo.toml");
    const published = await load("published_six.toml");
    const training = {
      keypoints: demo.download.keypoints,
      view_noise: demo.download.view_noise,
      camera_grain: demo.download.camera_grain,
      patch_sets: demo.download.patch_sets,
      max_sets_per_img: demo.download.max_sets_per_img,
      // Of whole images it has more.
      pairs_per_photograph: demo.download.pairs_per_photograph,
    };
    assert.deepEqual({ ...published.download, ...training }, demo.download);
    const { bootstrap } = published.evaluate;
    assert.deepEqual(published.evaluate, { ...demo.evaluate, bootstrap });
    assert.equal(published.seed, demo.seed);
  });

  it("train the published network as the measured one, on more photographs", async () => {
    const published = await load("published.toml");
    const measured = await load("published_six.toml");
    const { patch_sets } = measured.download;
    assert.deepEqual(
      { ...published.download, held_out_train: false, patch_sets },
      measured.download,
    );
    assert.equal(published.download.held_out_train, true);
    const { epochs } = measured.stage1;
    assert.deepEqual({ ...published.stage1, epochs }, measured.stage1);
    assert.deepEqual(published.stage2, measured.stage2);
  });

  it("name published figures that they measure", async () => {
    const configs = await Promise.all(filesBelow(folder).map(load));
    const expecting = configs.filter(({ expect }) => expect.figures.length > 0);
    assert.equal(expecting.length, 6 + 8 + 4);
    for (const { download, evaluate, expect } of expecting) {
      assert.notEqual(expect.source, "");
      for (const { measure, on } of expect.figures.map(parseExpectedFigure)) {
        const task = taskNames.find((name) => name === measure) ??
          (measure === "fpr95" ? "phototour" : "image_pairs");
        assert.ok(evaluate.tasks.includes(task));
        const places: string[] = measure === "fpr95"
          ? download.test_sets
          : evaluate.splits;
        assert.ok(places.includes(on), `${measure} ${on}`);
      }
    }
    const figures = expecting.filter(({ name }) => !name.includes("-"))
      .flatMap(({ expect }) => expect.figures.map(parseExpectedFigure));
    // The means of the paper's Table 1 and supplement.
    const mean = (measure: string, on?: string) => {
      const values = figures.filter((figure) =>
        figure.measure === measure && figure.on === (on ?? figure.on)
      ).map(({ value }) => 100 * value);
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    };
    assert.equal(mean("fpr95").toFixed(2), "0.78");
    assert.equal(mean("verification").toFixed(2), "89.11");
    assert.equal(mean("matching", "a").toFixed(2), "55.54");
    assert.equal(mean("retrieval").toFixed(2), "73.17");
    assert.equal(mean("matching", "full").toFixed(2), "56.56");
  });

  it("compare the losses of other methods in one set-up, which differs in the loss alone", async () => {
    const base = await load("rivals/short-self_tnet.toml");
    const rivals = {
      hardnet: { loss: "HardNet" },
      sosnet: { loss: "SOSNet" },
      hynet: { loss: "HyNet", marginpos: 1.2 },
      sdgmnet: { loss: "SDGMNet" },
    };
    for (const [rival, own] of Object.entries(rivals)) {
      const short = await load(`rivals/short-${rival}.toml`);
      const { name, file } = short;
      const stage1 = { ...base.stage1, ...own };
      assert.deepEqual(short, { ...base, name, file, stage1 });
      const { stage1: full } = await load(`rivals/liberty-${rival}.toml`);
      assert.equal(full.loss, own.loss);
      assert.equal(full.marginpos, stage1.marginpos);
    }
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
        expect: after.expect,
        stage1: { ...base.stage1, loss },
      });
      assert.deepEqual(before, {
        ...after,
        name: cell,
        file: before.file,
        expect: before.expect,
        stage2: { ...after.stage2, enabled: false },
      });
      assert.deepEqual(stage1.parameters(before), stage1.parameters(after));
    }
  });
});
