import {
  type DescriptorName,
  descriptorNames,
} from "../config/descriptor_names.ts";
import { hpatchesTaskNames as tasks } from "../config/task_names.ts";
import type { EvaluateDescriptorsOptions } from "../evaluation/evaluate_descriptors.ts";
import { type Command, quietFlag } from "./command.ts";

/** The distances that descriptors are compared by, the usual one first. */
export const norms: readonly NonNullable<
  EvaluateDescriptorsOptions["norm"]
>[] = ["L2", "L1"];

/** What `--image-pairs` and `--phototour` measure unless told otherwise. */
export const usualDescriptors: DescriptorName[] = [
  "trained",
  "untrained",
  "rootsift",
];

/** The ways of measuring, by the flag that asks for each, and what else each takes. */
export const ways = {
  "image-pairs": [
    "validation-pairs",
    "without-largest",
    "model",
    "descriptor",
    "keypoints",
    "bootstrap",
    "seed",
  ],
  phototour: ["model", "descriptor"],
  descriptors: [
    "tasks",
    "split",
    "splits",
    "task",
    "distance",
    "pcapl",
    "bootstrap",
    "seed",
  ],
} satisfies Record<string, readonly string[]>;

/** What `evaluate` takes. */
export const evaluateFlags: Command["flags"] = [
  {
    name: "descriptors",
    value: "DIR",
    summary: "folder of <sequence>/<type>.csv; needs --tasks and --split",
  },
  {
    name: "tasks",
    value: "DIR",
    summary: "folder of the benchmark's task files",
  },
  {
    name: "split",
    value: "NAME",
    many: true,
    summary: "a, b, c, full, illum, view or another split of the splits file",
  },
  {
    name: "splits",
    value: "FILE",
    summary: "the splits file, default splits/splits.json in the tasks folder",
  },
  {
    name: "task",
    value: "NAME",
    many: true,
    summary: `${tasks.join(", ")}; all of them when left out`,
  },
  {
    name: "distance",
    value: "NORM",
    summary: `${norms.join(" or ")}, default ${norms[0]}`,
  },
  {
    name: "pcapl",
    summary: "PCA and power law before, fitted on the split's training list",
  },
  {
    name: "image-pairs",
    value: "PATH",
    summary:
      "measure matches instead: folder of HPatches-style image sequences, or list of pairs with poses",
  },
  {
    name: "validation-pairs",
    value: "PATH",
    summary: "other pairs, to choose each descriptor's ratio on; default 0.9",
  },
  {
    name: "without-largest",
    summary:
      "for --image-pairs: leave out HPatches' eight largest sequences, as published figures do",
  },
  {
    name: "phototour",
    value: "DIR",
    summary:
      "measure matches within images instead: an unpacked PhotoTour set with interest.txt",
  },
  {
    name: "model",
    value: "FILE",
    summary:
      "network for --image-pairs and --phototour: safetensors, or PyTorch's .pt; default: the one that comes with the program, else the newest run's",
  },
  {
    name: "descriptor",
    value: "NAME",
    many: true,
    summary: `for --image-pairs and --phototour: ${
      descriptorNames.join(", ")
    }; default ${usualDescriptors.join(", ")}`,
  },
  {
    name: "keypoints",
    value: "N",
    summary: "for --image-pairs: keypoints of each image at most, default 2000",
  },
  {
    name: "bootstrap",
    value: "N",
    summary: "95 % intervals from N draws of the sequences, 1000 is common",
  },
  {
    name: "seed",
    value: "N",
    summary: "of the draws, default 211",
  },
  {
    name: "out",
    value: "FILE",
    required: true,
    summary: "where the figures go, as JSON",
  },
  quietFlag,
];
