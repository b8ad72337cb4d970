import assert from "node:assert/strict";
import { resolve } from "@std/path";
import { describe, it } from "@std/testing/bdd";
import { onlyProblemOf } from "../../helpers/pipeline/config_problems.ts";

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
      "x.toml:2:1: gpu.xyzzy: found an unknown key, wanted one of memory_mib, activations",
    ],
    [
      "a choice that there is not",
      '[gpu]\nactivations = "bf16"',
      'x.toml:2:15: gpu.activations: found "bf16", wanted one of "f32", "f16"; did you mean "f16"?',
    ],
    [
      "an unknown key at the top",
      "sed = 1",
      "x.toml:1:1: sed: found an unknown key, wanted a known key; did you mean seed?",
    ],
    [
      "a misspelt section, once however many keys it has",
      "[stge1]\nlr = 1\nwd = 2",
      "x.toml:2:1: stge1: found an unknown section, wanted one of [download], [stage1], [stage2], [extract], [evaluate], [expect], [mirrors], [contents], [gpu]; did you mean [stage1]?",
    ],
    [
      "a misspelt section without keys",
      "[evaluat]",
      "x.toml:1:2: evaluat: found an unknown section, wanted one of [download], [stage1], [stage2], [extract], [evaluate], [expect], [mirrors], [contents], [gpu]; did you mean [evaluate]?",
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
      'x.toml:2:8: stage1.loss: found "ExpTeachr", wanted one of "ExpTeacher", "balance", "tripletMargin_o", "tripletTeacher", "HardNet", "HardNetAllViews", "SOSNet", "HyNet", "HyNetSecondOrder", "SDGMNet"; did you mean "ExpTeacher"?',
    ],
    [
      "a misspelt choice within a list",
      '[extract]\ndescriptors = ["trained", "pixel"]',
      'x.toml:2:27: extract.descriptors[1]: found "pixel", wanted one of "trained", "untrained", "meanstd", "pixels", "sift", "rootsift"; did you mean "pixels"?',
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
      "x.toml:2:8: stage1.Npos: found 1, wanted a whole number from 2 to 1000",
    ],
    [
      "a fraction for a whole number",
      "[stage1]\nepochs = 0.5",
      "x.toml:2:10: stage1.epochs: found 0.5, wanted a whole number from 1 to 1000000",
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
      "x.toml:2:14: download.test_pairs: found 3, wanted an even whole number from 2 to 100000000",
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
      "three views of a label for a loss of two",
      '[stage1]\nloss = "SOSNet"',
      "x.toml: stage1.Npos: found 3 (the default), wanted 2, the views of each label that SOSNet takes",
    ],
    [
      "a second mining round for a loss of two views",
      '[stage1]\nloss = "SDGMNet"\nNpos = 2\nneg_num = 2',
      "x.toml:4:11: stage1.neg_num: found 2, wanted 1 with SDGMNet, which mines once",
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
      `x.toml:1:11: extends "nowhere.toml": found no file ${
        resolve("nowhere.toml")
      }, wanted a TOML file; check the path; the bundled configs are in configs/`,
    ],
  ];
  for (const [name, text, message] of cases) {
    it(`names ${name}`, () => assert.equal(onlyProblemOf(text), message));
  }
});
