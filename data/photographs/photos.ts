import { join } from "@std/path";
import { Album } from "./album.ts";
import { type ImagePairOptions, writeImagePairs } from "./photo_image_pairs.ts";
import { type TestPairOptions, writeTestPairs } from "./photo_pairs.ts";
import { type SequenceOptions, writeSequences } from "./photo_sequences.ts";
import { findSharedScenes, type SharedScene } from "./shared_scenes.ts";
import { writeTasks } from "./photo_tasks.ts";
import {
  type OnProgress,
  type TrainingPatchOptions,
  writeTrainingPatches,
} from "./photo_training.ts";
import { listPhotographs, type PhotographFile } from "./photographs.ts";
import type { Manifest, OnPartProgress } from "../patches/manifest.ts";

/** Name of the photographs' PhotoTour-like test set. */
const photoTestSet = "photos";

/** What a data set made of photographs depends on. */
export interface PhotoOptions
  extends
    TrainingPatchOptions,
    TestPairOptions,
    SequenceOptions,
    ImagePairOptions {
  /** Folder of the user's images; empty for the bundled photographs. */
  sourceDirectory: string;
  /** Images kept for testing, the last ones of the list. */
  heldOut: number;
  /** Whether those train as well, so that figures on them tell of memory. */
  heldOutTrain: boolean;
}

/**
 * Makes a whole data set out of photographs: `training/patches.bin` from those that train, and from those held out
 * `test/photos/{patches.bin,pairs.txt}`, `hpatches/<sequence>/*.png`, `tasks/` and `pairs/test/<photograph>/`; of half as many that train
 * `pairs/validation/<photograph>/`, which nothing is measured on; and `photographs/shown.json`, some of them in small with their
 * keypoints, for a report. The bytes are a pure function of the
 * photographs and the options.
 * @throws {DataError} when an image cannot be read or used, or an option is impossible
 */
export async function writePhotoDataset(
  directory: string,
  options: PhotoOptions,
  onProgress: OnPartProgress = () => {},
): Promise<Manifest> {
  const { training, heldOut, ignored } = await listPhotographs(
    options.sourceDirectory,
    options.heldOut,
  );
  const part = (name: string, unit: string): OnProgress => (done, total) =>
    onProgress(name, done, total, unit);
  const album = new Album(training, heldOut);
  const trained = options.heldOutTrain ? [...training, ...heldOut] : training;
  const leaks = options.heldOutTrain
    ? [trainedText(heldOut)]
    : (await findSharedScenes(
      training,
      heldOut,
      part("compare photographs", "photographs"),
    )).map(leakText);
  await Deno.mkdir(join(directory, "training"), { recursive: true });
  const written = await writeTrainingPatches(
    join(directory, "training", "patches.bin"),
    trained,
    options,
    part("cut training patches", "labels"),
    album.collect(trained, "training"),
  );
  const pairs = await writeTestPairs(
    join(directory, "test", photoTestSet),
    heldOut,
    options,
    part("cut test pairs", "labels"),
    album.collect(heldOut, "test pairs"),
  );
  const sequences = await writeSequences(
    join(directory, "hpatches"),
    heldOut,
    options,
    part("cut test sequences", "images"),
    album.collect(heldOut, "test sequences"),
  );
  await writeImagePairs(
    join(directory, "pairs", "test"),
    heldOut,
    options,
    "image pair",
    part("take test image pairs", "images"),
  );
  await writeImagePairs(
    join(directory, "pairs", "validation"),
    training.slice(-Math.ceil(heldOut.length / 2)),
    options,
    "validation image pair",
    part("take validation image pairs", "images"),
  );
  await Deno.mkdir(join(directory, "photographs"), { recursive: true });
  await Deno.writeTextFile(
    join(directory, "photographs", "shown.json"),
    JSON.stringify(album.photographs) + "\n",
  );
  const splits = await writeTasks(
    join(directory, "tasks"),
    sequences,
    options.seed,
  );
  return {
    source: "photos",
    training_patches: written.patches,
    training_labels: written.labels,
    test_sets: [photoTestSet],
    sequences: sequences.map((sequence) => sequence.name).sort(),
    splits,
    photographs: {
      training: Object.fromEntries(
        trained.map(({ name }, i) => [name, written.labelsPerImage[i]]),
      ),
      test_labels: pairs.labels,
      sequence_patches: Object.fromEntries(
        sequences.map(({ name, contrasts }) => [name, contrasts.length]),
      ),
      held_out: heldOut.map(({ name }) => name),
      ignored,
    },
    leaks,
  };
}

function trainedText(heldOut: readonly PhotographFile[]): string {
  return `the held-out photographs ${
    heldOut.map(({ name }) => name).join(", ")
  } are trained on as well (download.held_out_train): figures on them tell of memory`;
}

function leakText({ training, heldOut, what }: SharedScene): string {
  return `the held-out photograph ${heldOut} shows the ${what} that ${training} shows, which is trained on: ` +
    "figures on it tell of memory too; remove one of them";
}
