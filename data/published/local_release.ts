import { join } from "@std/path";
import { requireArchive } from "../archives/open_archive.ts";
import { isByProduct } from "../by_products.ts";
import { DataError } from "../errors.ts";
import { patchTypes } from "../patches/hpatches_layout.ts";
import { listSequences } from "./hpatches.ts";
import {
  checkSequences,
  checkSplits,
  checkStrips,
  checkTaskFile,
  taskFilesOf,
} from "./hpatches_check.ts";
import { readSplits, type Split } from "./hpatches_tasks.ts";
import { findLocalSet } from "./local_sets.ts";
import type { Manifest, OnPartProgress } from "../patches/manifest.ts";
import {
  matchFileName,
  packPhotoTour,
  publishedPatchCounts,
} from "./phototour.ts";
import { checkPairs, readPairs } from "./phototour_pairs.ts";
import type { PublishedSets } from "./published_sets.ts";
import { checkPackedTasks } from "./packed_tasks.ts";
import { listSetFiles, removeFolder } from "./unpack_set.ts";

/** Splits of the HPatches sequences. Source: `splits.json` of the benchmark. */
const publishedSplits: readonly string[] = [
  "a",
  "b",
  "c",
  "full",
  "illum",
  "view",
];

/** Which sets are wanted, and what is asked of them. */
export interface ReleaseOptions {
  trainingSet: string;
  testSets: readonly string[];
  /** Whether sets have to hold as many patches as were published; otherwise any number that fits their own files. */
  publishedCounts?: boolean;
  /** Keys of the splits that will be evaluated: their task files and sequences have to be there. */
  splits?: readonly string[];
}

/** Every published set that is wanted, each once. */
export function wantedSets(
  { trainingSet, testSets }: ReleaseOptions,
): string[] {
  return [...new Set([trainingSet, ...testSets, "hpatches", "tasks"])];
}

/**
 * Makes a data set out of the published ones: PhotoTour sets are packed (`training/`, `test/<set>/`), the HPatches release and its task
 * files are copied. The sets are only read; each is needed for as long as it is packed or copied.
 * @throws {DataError} naming what is missing or malformed
 */
export async function writeReleaseDataset(
  directory: string,
  sets: Pick<PublishedSets, "requireAll" | "use">,
  options: ReleaseOptions,
  onProgress: OnPartProgress = () => {},
): Promise<Manifest> {
  sets.requireAll(wantedSets(options));
  const contents: Record<string, string> = {};
  const emptyFolder = async (...path: string[]) => {
    const folder = join(directory, ...path);
    await removeFolder(folder);
    await Deno.mkdir(folder, { recursive: true });
    return folder;
  };

  let splits: string[] = [];
  contents.tasks = await sets.use("tasks", async (source) => {
    // Here, where another copy of the tasks can still be tried, and before the next set, which is large, is fetched.
    splits = await checkedTasks(source, options.splits ?? []);
    const target = await emptyFolder("tasks");
    await Deno.mkdir(join(target, "splits"));
    for (const file of await taskFiles(source)) {
      await Deno.copyFile(join(source, file), join(target, file));
    }
  });
  let sequences: string[] = [];
  contents.hpatches = await sets.use("hpatches", async (source) => {
    const tasks = join(directory, "tasks");
    sequences = await checkedSequences(source, tasks, options.splits ?? []);
    await emptyFolder("hpatches");
    let copied = 0;
    for (const sequence of sequences) {
      const target = await emptyFolder("hpatches", sequence);
      for (const type of patchTypes) {
        await Deno.copyFile(
          join(source, sequence, `${type}.png`),
          join(target, `${type}.png`),
        );
      }
      onProgress("copy HPatches", ++copied, sequences.length, "sequences");
    }
  });

  const pack = (set: string, source: string, target: string) =>
    packPhotoTour(
      source,
      join(target, "patches.bin"),
      options.publishedCounts ? publishedPatchCounts[set] : undefined,
      (done, total) => onProgress(`pack ${set}`, done, total, "patches"),
    );
  const { trainingSet, testSets } = options;
  let training = { patches: 0, labels: 0 };
  contents[trainingSet] = await sets.use(trainingSet, async (source) => {
    const target = await emptyFolder("training");
    const { labels, labelCount } = await pack(trainingSet, source, target);
    training = { patches: labels.length, labels: labelCount };
  });
  for (const set of testSets) {
    contents[set] = await sets.use(set, async (source) => {
      const target = await emptyFolder("test", set);
      const { labels } = await pack(set, source, target);
      const matchFile = join(source, matchFileName);
      checkPairs(await readPairs(matchFile, labels.length), labels, matchFile);
      await Deno.copyFile(matchFile, join(target, "pairs.txt"));
    });
  }
  return {
    source: "phototour",
    training_patches: training.patches,
    training_labels: training.labels,
    test_sets: [...testSets],
    sequences,
    splits,
    leaks: testSets.flatMap((set) => leaksOf(set, trainingSet, contents)),
    contents,
  };
}

/** What a test set shows of the training set: the same scene, by name, or the very same files. */
function leaksOf(
  testSet: string,
  trainingSet: string,
  contents: Readonly<Record<string, string>>,
): string[] {
  const scene = (set: string) => set.replace(/_harris$/, "");
  const what = testSet === trainingSet
    ? "is the training set"
    : contents[testSet] === contents[trainingSet]
    ? `holds the very files of ${trainingSet}, which is trained on`
    : scene(testSet) === scene(trainingSet)
    ? `shows the scene of ${trainingSet}, which is trained on`
    : undefined;
  return what === undefined
    ? []
    : [`the test set ${testSet} ${what}: figures on it tell of memory too`];
}

/**
 * The sequences of a copy that holds what the evaluation will read.
 * @throws {DataError} naming which sequence or split lacks what
 */
async function checkedSequences(
  sequencesDirectory: string,
  tasksDirectory: string,
  wanted: readonly string[],
): Promise<string[]> {
  const sequences = await listSequences(sequencesDirectory);
  const splits = await evaluatedSplits(tasksDirectory, wanted);
  checkSequences(sequencesDirectory, sequences, splits);
  const patches = await checkStrips(sequencesDirectory, sequences);
  for (const file of splits.flatMap(taskFilesOf)) {
    await checkTaskFile(join(tasksDirectory, file), patches);
  }
  return sequences;
}

/**
 * Every file of the copies in a folder that {@linkcode writeReleaseDataset} would read, sorted: an archive as it is, an unpacked set file by
 * file. A set that is not there has none.
 *
 * @param sourceDirectory "" finds nothing
 * @throws {DataError} when the folder cannot be read, or a set in it is not whole
 */
export async function listReleaseFiles(
  sourceDirectory: string,
  options: ReleaseOptions,
): Promise<string[]> {
  const files: string[] = [];
  const folders = new Map<string, string>();
  for (const set of wantedSets(options)) {
    const found = findLocalSet(sourceDirectory, set);
    if (found?.kind === "archive") {
      requireArchive(found.path);
      files.push(found.path);
    }
    if (found?.kind !== "folder") continue;
    folders.set(set, found.path);
    files.push(
      ...listSetFiles(set, found.path).names.map((name) =>
        join(found.path, name)
      ),
    );
  }
  const wanted = options.splits ?? [];
  const hpatches = folders.get("hpatches");
  const tasks = findLocalSet(sourceDirectory, "tasks");
  if (tasks === undefined) requirePublishedSplits(wanted);
  else if (tasks.kind === "archive") {
    await checkPackedTasks(tasks.path, wanted, hpatches);
  } else if (hpatches !== undefined) {
    await checkedSequences(hpatches, tasks.path, wanted);
  } else await checkedTasks(tasks.path, wanted);
  return files.sort();
}

/** Of task files that are still to be fetched no more is known than what was published. */
function requirePublishedSplits(wanted: readonly string[]): void {
  const unknown = wanted.find((split) => !publishedSplits.includes(split));
  if (unknown === undefined) return;
  throw new DataError({
    attempt: "choose the splits",
    where: "evaluate.splits",
    found: JSON.stringify(unknown),
    wanted: `of the published task files one of ${publishedSplits.join(", ")}`,
    remedy:
      "correct evaluate.splits, or put task files of your own into download.source_dir",
  });
}

/**
 * The splits of task files in which those that will be evaluated can be read.
 * @returns the keys of all
 * @throws {DataError} naming what is missing or wrong
 */
async function checkedTasks(
  tasksDirectory: string,
  wanted: readonly string[],
): Promise<string[]> {
  const splits = await evaluatedSplits(tasksDirectory, wanted);
  for (const file of splits.flatMap(taskFilesOf)) {
    await checkTaskFile(join(tasksDirectory, file), undefined);
  }
  return [...(await readSplits(splitsOf(tasksDirectory))).keys()];
}

/** The splits that will be evaluated, whose task files are all there. */
async function evaluatedSplits(
  tasksDirectory: string,
  wanted: readonly string[],
): Promise<Split[]> {
  const splits = await readSplits(splitsOf(tasksDirectory));
  const entries = await Array.fromAsync(Deno.readDir(tasksDirectory));
  const files = new Set(entries.map(({ name }) => name));
  checkSplits({ tasksDirectory, files, splits, wanted });
  return wanted.map((key) => splits.get(key)!);
}

function splitsOf(tasks: string): string {
  return join(tasks, "splits", "splits.json");
}

async function taskFiles(tasks: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(tasks));
  const names = entries.map(({ name }) => name).sort();
  return [
    ...names.filter((name) => name.endsWith(".csv") && !isByProduct(name)),
    join("splits", "splits.json"),
  ];
}
