import { contentsSection, mirrorsSection } from "./archives.ts";
import { descriptorNames } from "./descriptor_names.ts";
import { downloadSection } from "./download_section.ts";
import { expectedFigureForm, expectedFigurePattern } from "./expected.ts";
import { key, pathKey, section } from "./section.ts";
import { taskNames } from "./task_names.ts";
import {
  checkpointPath,
  stage1Section,
  stage2Section,
} from "./training_sections.ts";
import {
  names,
  oneOf,
  optionalTexts,
  someOf,
  text,
  whole,
  wholes,
} from "./values.ts";

/**
 * Every section and key of a config, in the order of the files: what it may hold, what it holds when nobody sets it (the authors'
 * command line, or, where that says nothing, what suits the bundled photographs), what it means. Types, checks, messages and
 * docs/config.md follow from this table.
 */
export const sections = {
  download: downloadSection,
  stage1: stage1Section,
  stage2: stage2Section,
  extract: section("descriptors of the test patches", {
    descriptors: key(
      someOf(descriptorNames, ["trained", "untrained", "pixels", "rootsift"]),
      "the trained network, and what to compare it with",
    ),
    batch_size: key(
      whole(1, 512, 2 ** 16),
      "patches that go through the network at once; no result depends on it",
    ),
    pair_keypoints: key(
      whole(1, 2000, 100_000),
      "strongest keypoints of each image of the image pairs that are described",
    ),
    checkpoint: pathKey(
      text(checkpointPath, ""),
      "checkpoint to describe with; \"\" = stage 2's model, or stage 1's when stage 2 is off",
    ),
  }),
  evaluate: section("measures on the descriptors", {
    tasks: key(
      someOf(taskNames, [...taskNames]),
      "FPR95 on pairs, the tasks of the HPatches benchmark, and matches of image pairs",
    ),
    splits: key(
      names("the name of a split", ["full"]),
      "splits of `tasks/splits/splits.json`",
    ),
    retrieval_k: key(
      wholes(1, [100, 500, 1000, 5000, 10000, 15000, 20000]),
      "pool sizes of the retrieval task",
    ),
    image_pairs: pathKey(
      text("the path of image pairs", ""),
      'folder of HPatches-style image sequences, or list of pairs with poses; "" = those that the source makes, which photographs do',
    ),
    validation_pairs: pathKey(
      text("the path of image pairs", ""),
      'image pairs that each descriptor\'s ratio of distances is chosen on; "" = those that the source makes, or none, and 0.9',
    ),
    bootstrap: key(
      whole(0, 0, 1_000_000),
      "draws of the sequences for 95 % intervals of the figures of HPatches and image pairs; 0 = no intervals",
    ),
  }),
  expect: section("published figures to compare with", {
    source: key(
      text("where the figures were published", ""),
      "where the figures were published",
    ),
    figures: key(
      optionalTexts(expectedFigureForm, expectedFigurePattern),
      "measure, test set or split, figure and tolerance in percent",
    ),
  }),
  mirrors: mirrorsSection,
  contents: contentsSection,
  gpu: section("how the device is used", {
    memory_mib: key(
      whole(0, 0, 2 ** 24),
      "budget in MiB; 0 = what the adapter allows; no result depends on it",
    ),
    activations: key(
      oneOf(["f32", "f16"], "f32"),
      "what training stores the network's activations in: 32 bits, or 16, which take half the memory and round them (docs/half_precision.md tells the effect); descriptors are always extracted with 32",
    ),
  }),
};

/**
 * Name of a `[section]`.
 * @internal
 */
export type SectionName = keyof typeof sections;

/** Every `[section]`, in the order of the files. */
export const sectionNames = Object.keys(sections) as SectionName[];
