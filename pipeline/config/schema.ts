import * as v from "valibot";
import { contentsSchema, mirrorsSchema } from "./archives.ts";
import { expectedFigurePattern } from "./expected.ts";
import {
  above,
  atLeast,
  even,
  level,
  names,
  number,
  oneOf,
  optionalTexts,
  share,
  someOf,
  someText,
  text,
  toggle,
  whole,
  wholes,
} from "./values.ts";

const photoTourSets = [
  "liberty",
  "notredame",
  "yosemite",
  "liberty_harris",
  "notredame_harris",
  "yosemite_harris",
] as const;

const checkpointPath = 'the path of a checkpoint, or ""';

/** Keys that stand before the first `[section]`, apart from `name` and `extends`. */
export const seedSchema = whole(0, 211, 2 ** 32 - 1);

/** A name that is one folder below `runs/` on every system. */
export const nameSchema = v.pipe(
  v.string("a folder name"),
  v.regex(
    /^[^\p{Cc}./\\:*?"<>|][^\p{Cc}/\\:*?"<>|]{0,99}$/u,
    'a folder name: no leading dot, none of / \\ : * ? " < > |',
  ),
);

/**
 * What each key of each section may hold, and what it holds when nobody sets it: the authors' command line, or, where
 * that says nothing, what suits the bundled photographs.
 */
export const sectionSchemas = {
  download: v.object({
    source: oneOf(["photos", "phototour"], "photos"),
    source_dir: text('the path of a folder, or ""', ""),
    offline: toggle(false),
    patch_gen: oneOf(["new"], "new"),
    weight_function: oneOf(
      ["Hessian", "HessianSqrt", "HessianSqrt4", "uniform"],
      "Hessian",
    ),
    sigmas_v: someText(
      '"e011" or scales of 1 to 50 pixels separated by commas',
      "e011",
      /^(e011|[\d\s.,]+)$/,
    ),
    patch_sets: whole(2, 30000),
    min_sets_per_img: whole(-1, -1),
    max_sets_per_img: whole(1, 1729),
    views: whole(2, 6),
    held_out: whole(1, 3),
    test_pairs: even(10000),
    patches_per_sequence: whole(2, 400),
    training_set: oneOf(photoTourSets, "liberty"),
    test_sets: someOf(photoTourSets, ["notredame", "yosemite"]),
    partial_sets: toggle(false),
  }),
  stage1: v.object({
    arch: oneOf(["SDGMNet128"], "SDGMNet128"),
    loss: oneOf(
      ["ExpTeacher", "balance", "tripletMargin_o", "tripletTeacher"],
      "ExpTeacher",
    ),
    optimizer: oneOf(["adam"], "adam"),
    epochs: whole(1, 25),
    tuples: whole(2, 4050000),
    batch_size: whole(2, 2560),
    test_batch_size: whole(1, 2048),
    lr: above(0, 0.0033),
    wd: atLeast(0, 0.1),
    R: atLeast(0, 1.0),
    B: above(0, 3.7),
    A: atLeast(0, 1.05),
    Npos: whole(2, 3),
    neg_num: whole(1, 1),
    teacher: someText('"self" or the path of a checkpoint', "self"),
    use_stB: toggle(true),
    threshold: level(-0.55),
    upper: level(0.10),
    marginpos: atLeast(0, 1.0),
    dropout: share(0.3),
    flip_rotate: toggle(true),
    all_info: toggle(true),
    resume: text(checkpointPath, ""),
    save_every_steps: whole(1, 500),
    log_every_steps: whole(1, 10),
  }),
  stage2: v.object({
    enabled: toggle(true),
    loss: oneOf(["tripletMargin++"], "tripletMargin++"),
    optimizer: oneOf(["adam"], "adam"),
    epochs: whole(1, 1),
    lr: above(0, 1.5e-6),
    lr_factor: above(0, 0.75),
    bsNum: whole(1, 1400),
    batch_size: whole(2, 2944),
    batch_step: whole(1, 128),
    final_batch_size: whole(2, 1024),
    wd: atLeast(0, 0.1),
    R: atLeast(0, 1.0),
    B: above(0, 4.25),
    threshold: level(-0.10),
    threshold_step: number("a number", 0.05),
    Npos: whole(2, 2),
    dropout: share(0.3),
    use_finetune: toggle(true),
    range: atLeast(0, 1e-7),
    flip_rotate: toggle(true),
    save_every_steps: whole(1, 500),
    log_every_steps: whole(1, 10),
  }),
  extract: v.object({
    descriptors: someOf(
      ["trained", "untrained", "meanstd", "pixels", "sift", "rootsift"],
      ["trained", "untrained", "pixels", "rootsift"],
    ),
    batch_size: whole(1, 512),
    checkpoint: text(checkpointPath, ""),
  }),
  evaluate: v.object({
    tasks: someOf(
      ["phototour", "verification", "matching", "retrieval"],
      ["phototour", "verification", "matching", "retrieval"],
    ),
    splits: names("the name of a split", ["full"]),
    retrieval_k: wholes(1, [100, 500, 1000, 5000, 10000, 15000, 20000]),
    bootstrap: whole(0, 0, 1_000_000),
  }),
  expect: v.object({
    source: text("where the figures were published", ""),
    figures: optionalTexts(
      '"fpr95 <test set> 0.37 ± 0.15", or verification, matching or retrieval of a split; in percent',
      expectedFigurePattern,
    ),
  }),
  mirrors: mirrorsSchema,
  contents: contentsSchema,
  gpu: v.object({
    memory_mib: whole(0, 0),
    activations: oneOf(["f32", "f16"], "f32"),
  }),
};

/** Name of a `[section]`. */
export type SectionName = keyof typeof sectionSchemas;
