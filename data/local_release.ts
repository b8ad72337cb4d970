import { join } from "@std/path";
import { DataError } from "./errors.ts";
import { listSequences, patchTypes } from "./hpatches.ts";
import { checkSplits, checkStrips } from "./hpatches_check.ts";
import { readSplits } from "./hpatches_tasks.ts";
import type { Manifest, OnPartProgress } from "./photos.ts";
import {
  MATCH_FILE,
  packPhotoTour,
  publishedPatchCounts,
} from "./phototour.ts";
import { checkPairs, readPairs } from "./phototour_pairs.ts";

/** Which sets of an unpacked copy are wanted. */
export interface ReleaseOptions {
  /** Folder with `<set>/` for PhotoTour, `hpatches-release/` and `tasks/`. */
  sourceDirectory: string;
  trainingSet: string;
  testSets: readonly string[];
  /** Whether sets have to hold as many patches as were published; otherwise any number that fits their own files. */
  publishedCounts?: boolean;
  /** Keys of the splits that will be evaluated: their task files and sequences have to be there. */
  splits?: readonly string[];
}

const HPATCHES_FOLDER = "hpatches-release";
const TASKS_FOLDER = "tasks";

/**
 * Makes a data set out of unpacked copies of the published ones: PhotoTour sets are packed (`training/`, `test/<set>/`), the HPatches
 * release and its task files are copied. The source folder is only read.
 * @throws DataError naming what is missing or malformed
 */
export async function writeReleaseDataset(
  directory: string,
  options: ReleaseOptions,
  onProgress: OnPartProgress = () => {},
): Promise<Manifest> {
  const { sourceDirectory } = options;
  requireSource(sourceDirectory);
  const hpatches = join(sourceDirectory, HPATCHES_FOLDER);
  const tasks = join(sourceDirectory, TASKS_FOLDER);
  const { sequences, splits } = await checkedRelease(options);
  await checkStrips(hpatches, sequences);
  await Deno.mkdir(join(directory, "training"), { recursive: true });
  const pack = (set: string, targetPath: string) =>
    packPhotoTour(
      join(sourceDirectory, set),
      targetPath,
      options.publishedCounts ? publishedPatchCounts[set] : undefined,
      (done, total) => onProgress(`pack ${set}`, done, total, "patches"),
    );
  const training = await pack(
    options.trainingSet,
    join(directory, "training", "patches.bin"),
  );
  for (const set of options.testSets) {
    const target = join(directory, "test", set);
    await Deno.mkdir(target, { recursive: true });
    const { labels } = await pack(set, join(target, "patches.bin"));
    const matchFile = join(sourceDirectory, set, MATCH_FILE);
    checkPairs(await readPairs(matchFile, labels.length), labels, matchFile);
    await Deno.copyFile(matchFile, join(target, "pairs.txt"));
  }
  let copied = 0;
  for (const sequence of sequences) {
    const target = join(directory, "hpatches", sequence);
    await Deno.mkdir(target, { recursive: true });
    for (const type of patchTypes) {
      await Deno.copyFile(
        join(hpatches, sequence, `${type}.png`),
        join(target, `${type}.png`),
      );
    }
    onProgress("copy HPatches", ++copied, sequences.length, "sequences");
  }
  for (const file of await taskFiles(tasks)) {
    const target = join(directory, "tasks", file);
    await Deno.mkdir(join(target, ".."), { recursive: true });
    await Deno.copyFile(join(tasks, file), target);
  }
  return {
    source: "phototour",
    training_patches: training.labels.length,
    training_labels: training.labelCount,
    test_sets: [...options.testSets],
    sequences,
    splits: [...splits.keys()],
  };
}

/**
 * The sequences and splits of a copy that holds what the evaluation will read.
 * @throws DataError naming which sequence or split lacks what
 */
async function checkedRelease({ sourceDirectory, splits }: ReleaseOptions) {
  const sequencesDirectory = join(sourceDirectory, HPATCHES_FOLDER);
  const sequences = await listSequences(sequencesDirectory);
  const tasksDirectory = join(sourceDirectory, TASKS_FOLDER);
  const known = await readSplits(join(tasksDirectory, "splits", "splits.json"));
  await checkSplits({
    tasksDirectory,
    splits: known,
    wanted: splits ?? [],
    sequences,
    sequencesDirectory,
  });
  return { sequences, splits: known };
}

/**
 * Every file of the copies that {@link writeReleaseDataset} reads, sorted.
 * @throws DataError when the folder is not named or a part of it is missing
 */
export async function listReleaseFiles(
  options: ReleaseOptions,
): Promise<string[]> {
  const { sourceDirectory } = options;
  requireSource(sourceDirectory);
  const files: string[] = [];
  for (const set of new Set([options.trainingSet, ...options.testSets])) {
    const folder = join(sourceDirectory, set);
    const wanted = /^(patches\d{4}\.bmp|info\.txt|m50_100000_100000_0\.txt)$/;
    const names = (await listFolder(folder)).filter((name) =>
      wanted.test(name)
    );
    files.push(...names.map((name) => join(folder, name)));
  }
  const hpatches = join(sourceDirectory, HPATCHES_FOLDER);
  const { sequences } = await checkedRelease(options);
  for (const sequence of sequences) {
    files.push(
      ...patchTypes.map((type) => join(hpatches, sequence, `${type}.png`)),
    );
  }
  const tasks = join(sourceDirectory, TASKS_FOLDER);
  files.push(...(await taskFiles(tasks)).map((file) => join(tasks, file)));
  return files.sort();
}

async function taskFiles(tasks: string): Promise<string[]> {
  const names = (await listFolder(tasks)).filter((name) =>
    name.endsWith(".csv")
  );
  return [...names, join("splits", "splits.json")];
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map((entry) =>
      entry.name
    ).sort();
  } catch (error) {
    throw new DataError({
      attempt: "read the unpacked data sets",
      where: folder,
      found: (error as Error).message,
      wanted: "a folder of that name",
      remedy: "unpack the set there or correct download.source_dir",
    });
  }
}

function requireSource(sourceDirectory: string) {
  if (sourceDirectory !== "") return;
  throw new DataError({
    attempt: "read the unpacked data sets",
    where: "download.source_dir",
    found: '""',
    wanted: "a folder with <set>/ (PhotoTour), hpatches-release/ and tasks/",
    remedy: 'name it, or set download.source = "photos"',
  });
}
