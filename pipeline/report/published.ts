import type { Config } from "../config.ts";
import type { SourceName } from "../config/source_names.ts";
import type { HpatchesTask } from "../config/task_names.ts";
import { sha256 } from "../files/hash.ts";

/** Published mean average precision of one method, fractions; null where nobody has published it. */
export type PublishedMethod =
  & { name: string }
  & Record<HpatchesTask, number | null>;

/** Published figures of a split, which hold for its official test sequences only. */
interface PublishedSplit {
  /** sha-256 of the sorted names of the test sequences, one a line */
  sequencesDigest: string;
  methods: readonly PublishedMethod[];
}

function method(
  name: string,
  verification: number,
  matching: number,
  retrieval: number,
): PublishedMethod {
  return {
    name,
    verification: verification / 100,
    matching: matching / 100,
    retrieval: retrieval / 100,
  };
}

/** HPatches mAP of networks trained on Liberty: the Self-TNet paper's figure 6; for `full` HardNet's authors' figures. */
const hpatches: Record<string, PublishedSplit> = {
  a: {
    sequencesDigest:
      "7fce2b97c38291aaa87d6471b1f269bc76dfaa9c41a404c1a4f522dbb881066c",
    methods: [
      method("SIFT", 63.35, 24.42, 42.10),
      method("HardNet", 87.19, 50.07, 69.00),
      method("SOSNet", 87.79, 51.62, 70.41),
      method("HyNet", 88.68, 53.97, 72.16),
      method("Self-TNet", 89.11, 55.54, 73.17),
    ],
  },
  full: {
    sequencesDigest:
      "602b4a8061a296c8c48fa0cdc85d8e3cc4c1ef565e84d9122e06895e47fb067a",
    methods: [
      method("SIFT", 65.0, 25.4, 41.8),
      method("HardNet+", 88.43, 52.76, 69.66),
    ],
  },
};

/**
 * What others reached on a split; nothing unless its sequences are the official ones, because figures of other patches do
 * not compare.
 */
export function publishedHpatches(
  split: string,
  sequences: readonly string[],
): readonly PublishedMethod[] {
  const known = hpatches[split];
  const digest = sha256(sequences.toSorted().join("\n"));
  return known?.sequencesDigest === digest ? known.methods : [];
}

type Brown = "liberty" | "notredame" | "yosemite";

const pairs: readonly [train: Brown, test: Brown][] = [
  ["notredame", "liberty"],
  ["yosemite", "liberty"],
  ["liberty", "notredame"],
  ["yosemite", "notredame"],
  ["liberty", "yosemite"],
  ["notredame", "yosemite"],
];

/** FPR95 in percent in the order of `pairs`: table 1 of the Self-TNet paper. */
const fpr95: Record<string, readonly number[]> = {
  "SIFT": [29.84, 29.84, 22.53, 22.53, 27.29, 27.29],
  "TFeat": [7.39, 10.31, 3.06, 3.80, 8.06, 7.24],
  "L2-Net+": [2.36, 4.70, 0.72, 1.29, 2.57, 1.71],
  "HardNet+": [1.49, 2.51, 0.53, 0.78, 1.96, 1.84],
  "SOSNet": [1.08, 2.12, 0.34, 0.67, 1.03, 0.95],
  "HyNet": [0.89, 1.37, 0.34, 0.61, 0.88, 0.96],
  "Self-TNet": [0.89, 1.36, 0.37, 0.52, 0.76, 0.79],
};

/** Pairs of the official match files. */
const officialPairs = 100_000;

/** What others reached on a PhotoTour set after training on another; nothing unless the pairs are the official ones. */
export function publishedPhototour(
  training: string,
  test: string,
  pairCount: number,
): PublishedPairs[] {
  const column = pairs.findIndex(([from, on]) =>
    from === training && on === test
  );
  if (column < 0 || pairCount !== officialPairs) return [];
  return Object.entries(fpr95).map(([name, values]) => ({
    name,
    fpr95: values[column] / 100,
  }));
}

/** A method's published false positive rate, a fraction. */
export interface PublishedPairs {
  name: string;
  fpr95: number;
}

/** What others reached on a test set of a source after training as the config does. */
export const publishedPairs: Record<
  SourceName,
  (config: Config, set: string, pairCount: number) => PublishedPairs[]
> = {
  photos: () => [],
  phototour: ({ download }, set, pairCount) =>
    publishedPhototour(download.training_set, set, pairCount),
};

/** What has to be known of a run's figures before they are compared with others', in a sentence each. */
export function caveats({ download }: Config): string[] {
  return captions[download.source];
}

const captions: Record<SourceName, string[]> = {
  photos: [
    "The sequences and pairs are cut from photographs by this program: the figures say whether training works and which descriptor does better on them. They are not HPatches' or PhotoTour's, and not comparable with published ones.",
  ],
  phototour: [],
};
