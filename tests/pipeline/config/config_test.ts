import assert from "node:assert/strict";
import { resolve } from "@std/path";
import { describe, it } from "@std/testing/bdd";
import { loadConfig, parseConfig } from "../../../pipeline/config.ts";

describe("config defaults", () => {
  it("are the authors' command line of stage 1", () => {
    const { seed, download, stage1 } = parseConfig("", "x.toml");
    assert.equal(seed, 211);
    assert.partialDeepStrictEqual(download, {
      patch_gen: "new",
      sigmas_v: "e011",
      weight_function: "Hessian",
      patch_sets: 30000,
      min_sets_per_img: -1,
      max_sets_per_img: 1729,
    });
    assert.partialDeepStrictEqual(stage1, {
      arch: "SDGMNet128",
      loss: "ExpTeacher",
      optimizer: "adam",
      epochs: 25,
      tuples: 4050000,
      batch_size: 2560,
      test_batch_size: 2048,
      lr: 0.0033,
      wd: 0.1,
      R: 1.0,
      B: 3.7,
      A: 1.05,
      Npos: 3,
      neg_num: 1,
      teacher: "self",
      use_stB: true,
      threshold: -0.55,
      upper: 0.10,
      dropout: 0.3,
      flip_rotate: true,
      all_info: true,
    });
  });

  it("are the authors' command line of stage 2", () => {
    const { stage2 } = parseConfig("", "x.toml");
    assert.partialDeepStrictEqual(stage2, {
      loss: "tripletMargin++",
      optimizer: "adam",
      epochs: 1,
      lr: 1.5e-6,
      lr_factor: 0.75,
      bsNum: 1400,
      batch_size: 2944,
      batch_step: 128,
      final_batch_size: 1024,
      R: 1.0,
      B: 4.25,
      threshold: -0.10,
      threshold_step: 0.05,
      Npos: 2,
      use_finetune: true,
      range: 1e-7,
    });
  });

  it("store activations in 32 bits", () => {
    const { gpu } = parseConfig("", "x.toml");
    assert.deepEqual(gpu, { memory_mib: 0, activations: "f32" });
  });

  it("name a config after its file", () => {
    assert.equal(parseConfig("", "some/where/my run.toml").name, "my run");
    assert.equal(parseConfig('name = "a"', "b.toml").name, "a");
    assert.equal(parseConfig("", "some/b.toml").file, "some/b.toml");
  });

  it("hold for every bundled config", async () => {
    for (const name of ["demo", "smoke", "lib", "nd", "yos"]) {
      const config = await loadConfig(`configs/${name}.toml`);
      assert.equal(config.name, name);
    }
  });
});

describe("config values", () => {
  it("are read from tables, dotted keys and inline tables alike", () => {
    const texts = [
      "[stage1]\nlr = 0.5",
      "stage1.lr = 0.5",
      "stage1 = { lr = 0.5 }",
      "[stage1]\r\nlr = 0.5\r\n",
    ];
    for (const text of texts) {
      assert.equal(parseConfig(text, "x.toml").stage1.lr, 0.5, text);
    }
  });

  it("are replaced by overrides, the last one winning", () => {
    const config = parseConfig("[stage1]\nlr = 0.5", "x.toml", [
      "stage1.lr=0.25",
      "stage1.lr = 0.125",
      "stage1.use_stB=false",
      'evaluate.splits=["a", "b"]',
    ]);
    assert.equal(config.stage1.lr, 0.125);
    assert.equal(config.stage1.use_stB, false);
    assert.deepEqual(config.evaluate.splits, ["a", "b"]);
  });

  it("may be typed without quotes in an override", () => {
    const config = parseConfig("", "x.toml", [
      "stage1.teacher=runs/a b/model.safetensors",
      "download.source=phototour",
      "stage1.resume=",
    ]);
    assert.equal(config.stage1.teacher, resolve("runs/a b/model.safetensors"));
    assert.equal(config.download.source, "phototour");
    assert.equal(config.stage1.resume, "");
  });
});
