import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { loadConfig, parseConfig } from "../../pipeline/config.ts";
import { ConfigError } from "../../pipeline/errors.ts";

/** The one-line message of each problem in a text, without the common beginning. */
function problemsOf(text: string, overrides: string[] = []): string[] {
  try {
    parseConfig(text, "x.toml", overrides);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split("\n").map((line) => {
      const attempt = "Cannot read the config: ";
      assert.ok(line.startsWith(attempt), line);
      return line.slice(attempt.length);
    });
  }
  return [];
}

function onlyProblemOf(text: string, overrides: string[] = []): string {
  const problems = problemsOf(text, overrides);
  assert.equal(problems.length, 1, problems.join("\n"));
  return problems[0];
}

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
    assert.equal(config.stage1.teacher, "runs/a b/model.safetensors");
    assert.equal(config.download.source, "phototour");
    assert.equal(config.stage1.resume, "");
  });
});

describe("a config that is refused", () => {
  const cases: [name: string, text: string, message: string][] = [
    [
      "a misspelt key",
      "[stage1]\nlrr = 1",
      "x.toml:2:1: stage1.lrr: found an unknown key, wanted a known key; did you mean stage1.lr?",
    ],
    [
      "a key of another section",
      "[stage1]\nbsNum = 1",
      "x.toml:2:1: stage1.bsNum: found an unknown key, wanted a known key; did you mean stage2.bsNum?",
    ],
    [
      "a key that resembles nothing",
      "[gpu]\nxyzzy = 1",
      "x.toml:2:1: gpu.xyzzy: found an unknown key, wanted one of memory_mib",
    ],
    [
      "an unknown key at the top",
      "sed = 1",
      "x.toml:1:1: sed: found an unknown key, wanted a known key; did you mean seed?",
    ],
    [
      "a misspelt section, once however many keys it has",
      "[stge1]\nlr = 1\nwd = 2",
      "x.toml:2:1: stge1: found an unknown section, wanted one of [download], [stage1], [stage2], [extract], [evaluate], [gpu]; did you mean [stage1]?",
    ],
    [
      "a misspelt section without keys",
      "[evaluat]",
      "x.toml:1:2: evaluat: found an unknown section, wanted one of [download], [stage1], [stage2], [extract], [evaluate], [gpu]; did you mean [evaluate]?",
    ],
    [
      "a value where a section belongs",
      "stage1 = 3",
      "x.toml:1:10: stage1: found 3, wanted a table, [stage1]",
    ],
    [
      "a list of sections",
      "[[gpu]]\nmemory_mib = 1",
      "x.toml:1:1: gpu: found a list of tables, wanted a table, [gpu]",
    ],
    [
      "a section where a value belongs",
      "[seed]\nx = 1",
      "x.toml:2:1: seed: found a table, wanted a value",
    ],
    [
      "a table below a value",
      "[stage1.lr]\nx = 1",
      "x.toml:2:1: stage1.lr: found a table, wanted a number above 0",
    ],
    [
      "an empty table in place of a value",
      "[stage1]\nlr = {}",
      "x.toml:2:1: stage1.lr: found a table, wanted a number above 0",
    ],
    [
      "text for a number",
      '[stage1]\nlr = "fast"',
      'x.toml:2:6: stage1.lr: found "fast", wanted a number above 0',
    ],
    [
      "a date for a number",
      "seed = 1979-05-27",
      "x.toml:1:8: seed: found a date, wanted a whole number from 0 to 4294967295",
    ],
    [
      "a misspelt choice",
      '[stage1]\nloss = "ExpTeachr"',
      'x.toml:2:8: stage1.loss: found "ExpTeachr", wanted one of "ExpTeacher", "balance", "tripletMargin_o"; did you mean "ExpTeacher"?',
    ],
    [
      "a misspelt choice within a list",
      '[extract]\ndescriptors = ["trained", "pixel"]',
      'x.toml:2:27: extract.descriptors[1]: found "pixel", wanted one of "trained", "untrained", "pixels", "rootsift"; did you mean "pixels"?',
    ],
    [
      "an empty list",
      "[evaluate]\nsplits = []",
      "x.toml:2:10: evaluate.splits: found [], wanted at least one entry",
    ],
    [
      "a list with an entry twice",
      "[evaluate]\nretrieval_k = [5, 5]",
      "x.toml:2:15: evaluate.retrieval_k: found [5,5], wanted every entry once",
    ],
    [
      "no list where one belongs",
      "[evaluate]\nretrieval_k = 5",
      "x.toml:2:15: evaluate.retrieval_k: found 5, wanted a list in square brackets",
    ],
    [
      "a number below its least",
      "[stage1]\nNpos = 1",
      "x.toml:2:8: stage1.Npos: found 1, wanted a whole number of 2 or more",
    ],
    [
      "a fraction for a whole number",
      "[stage1]\nepochs = 0.5",
      "x.toml:2:10: stage1.epochs: found 0.5, wanted a whole number of 1 or more",
    ],
    [
      "an infinite number",
      "[stage1]\nlr = inf",
      "x.toml:2:6: stage1.lr: found Infinity, wanted a number above 0",
    ],
    [
      "a share of everything",
      "[stage1]\ndropout = 1",
      "x.toml:2:11: stage1.dropout: found 1, wanted a number of 0 or more and below 1",
    ],
    [
      "an odd number of pairs",
      "[download]\ntest_pairs = 3",
      "x.toml:2:14: download.test_pairs: found 3, wanted an even whole number of 2 or more",
    ],
    [
      "a list of scales that has no such name",
      '[download]\nsigmas_v = "e012"',
      'x.toml:2:12: download.sigmas_v: found "e012", wanted "e011" or scales of 1 to 50 pixels separated by commas; did you mean "e011"?',
    ],
    [
      "a name that leaves the runs folder",
      'name = "../x"',
      'x.toml:1:8: name: found "../x", wanted a folder name: no leading dot, none of / \\ : * ? " < > |',
    ],
    [
      "a threshold above the upper level",
      "[stage1]\nthreshold = 0.5",
      "x.toml:2:13: stage1.threshold: found 0.5, wanted at most stage1.upper = 0.1",
    ],
    [
      "an epoch without a step",
      "[stage1]\ntuples = 100",
      "x.toml:2:10: stage1.tuples: found 100, wanted at least stage1.batch_size = 2560, one step an epoch",
    ],
    [
      "a ladder that misses its last batch",
      "[stage2]\nfinal_batch_size = 1000",
      "x.toml:2:20: stage2.final_batch_size: found 1000, wanted stage2.batch_size 2944 less one or more times stage2.batch_step 128; the nearest is 1024",
    ],
    [
      "a ladder whose default end cannot be reached",
      "[stage2]\nbatch_step = 100",
      "x.toml: stage2.final_batch_size: found 1024 (the default), wanted stage2.batch_size 2944 less one or more times stage2.batch_step 100; the nearest is 1044",
    ],
    [
      "fewer labels than a batch of stage 1",
      "[download]\npatch_sets = 100\n[stage2]\nenabled = false",
      "x.toml:2:14: download.patch_sets: found 100, wanted at least 2560, the labels in a batch of stage1",
    ],
    [
      "fewer labels than a batch of stage 2",
      "[download]\npatch_sets = 2600",
      "x.toml:2:14: download.patch_sets: found 2600, wanted at least 2816, the labels in a batch of stage2",
    ],
    [
      "a minimum above the maximum",
      "[download]\nmin_sets_per_img = 2000",
      "x.toml:2:20: download.min_sets_per_img: found 2000, wanted at most download.max_sets_per_img = 1729",
    ],
    [
      "text without quotes",
      "[stage1]\nloss = ExpTeacher",
      'x.toml:2:8: found "loss = ExpTeacher" (unexpected character), wanted valid TOML; text stands in quotes, numbers and true/false do not',
    ],
    [
      "a key set twice",
      "seed = 1\nseed = 2",
      'x.toml:2:1: found "seed = 2" (defining a key multiple times is invalid), wanted valid TOML; text stands in quotes, numbers and true/false do not',
    ],
    [
      "a parent that is no path",
      "extends = 3",
      "x.toml:1:11: extends 3: found 3, wanted the path of a TOML file, relative to this one",
    ],
    [
      "a parent that is not there",
      'extends = "nowhere.toml"',
      'x.toml:1:11: extends "nowhere.toml": found no such file, wanted a TOML file; check the path; the bundled configs are in configs/',
    ],
  ];
  for (const [name, text, message] of cases) {
    it(`names ${name}`, () => assert.equal(onlyProblemOf(text), message));
  }

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
