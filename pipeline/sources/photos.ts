import {
  DataError,
  type ImageSize,
  labelsOfPairs,
  listPhotographs,
  type Manifest,
  mostKeypoints,
  type PhotoOptions,
  photoSplits,
  readImageSize,
  readPhotographSizes,
  requireBounds,
  someOf,
  writePhotoDataset,
} from "../../data/mod.ts";
import type { Config } from "../config.ts";
import { largestBatch } from "../config/largest_batch.ts";
import type { Json } from "../files/json.ts";
import type { KnownFiles } from "../stage.ts";
import type { Source } from "./source.ts";

/** Patch sets cut out of photographs, bundled or the user's own. */
export const photos: Source = {
  parameters({ seed, download }) {
    const bundled: Record<string, Json> = download.source_dir === ""
      ? { source_dir: "" }
      : {};
    return {
      seed,
      ...bundled,
      source: download.source,
      patch_gen: download.patch_gen,
      keypoints: download.keypoints,
      view_noise: download.view_noise,
      depth_edges: download.depth_edges,
      camera_grain: download.camera_grain,
      weight_function: download.weight_function,
      sigmas_v: download.sigmas_v,
      patch_sets: download.patch_sets,
      min_sets_per_img: download.min_sets_per_img,
      max_sets_per_img: download.max_sets_per_img,
      views: download.views,
      held_out: download.held_out,
      held_out_train: download.held_out_train,
      test_pairs: download.test_pairs,
      patches_per_sequence: download.patches_per_sequence,
      pairs_per_photograph: download.pairs_per_photograph,
    };
  },

  async externalFiles(config, known = nothingKnown) {
    const { download } = config;
    requireSplits(config);
    const { training, heldOut } = await listPhotographs(
      download.source_dir,
      download.held_out,
    );
    const files = [...training, ...heldOut];
    const trained = download.held_out_train ? files : training;
    requireBounds(trained.length, photoOptions(config));
    requireLabels(config, trained.length);
    const sizes = await readPhotographSizes(
      files,
      (path) => known.imageSize(path, readImageSize),
    );
    requireRoom(config, sizes.slice(0, trained.length));
    return files.map((file) => file.path);
  },

  watched: ({ download: { source_dir } }) =>
    source_dir === "" ? [] : [source_dir],

  async write({ config, outputDirectory, log }, onProgress) {
    const { source_dir, held_out, held_out_train } = config.download;
    const found = await listPhotographs(source_dir, held_out);
    log.info(
      `photographs: ${told(found.training)} train, ${
        told(found.heldOut)
      } held out${held_out_train ? ", which train as well" : ""}${
        found.ignored.length === 0
          ? ""
          : `; passed over ${someOf(found.ignored)}`
      }`,
    );
    const options = photoOptions(config);
    const manifest = await writePhotoDataset(
      outputDirectory,
      options,
      onProgress,
    );
    const { training } = manifest.photographs!;
    requireBatch(
      config,
      manifest.training_labels,
      Object.keys(training).length,
    );
    for (const line of scarcities(manifest, options)) log.warn(line);
    return manifest;
  },
};

/** Nothing is known, every file is read. */
const nothingKnown: KnownFiles = { imageSize: (file, read) => read(file) };

/** `6 (a, b, c and 3 more)`. */
function told(files: readonly { name: string }[]): string {
  return `${files.length} (${someOf(files.map(({ name }) => name))})`;
}

/** What the photographs gave less of than was asked for, and why. */
function scarcities(
  { training_labels: labels, photographs }: Manifest,
  options: PhotoOptions,
): string[] {
  const { training, test_labels, sequence_patches } = photographs!;
  const lines: string[] = [];
  if (labels < options.patchSets) {
    lines.push(
      `training set: ${labels} labels, fewer than download.patch_sets = ${options.patchSets}: ${
        scarcity(options, Object.values(training))
      }`,
    );
  }
  const wanted = labelsOfPairs(options.testPairs);
  if (test_labels < wanted) {
    lines.push(
      `test pairs: ${test_labels} labels where download.test_pairs = ${options.testPairs} wants ${wanted}, so labels come several times: the held-out photographs have room for no more; lower test_pairs or hold out more`,
    );
  }
  const short = Object.entries(sequence_patches).filter(([, count]) =>
    count < options.patchesPerSequence
  );
  if (short.length > 0) {
    lines.push(
      `test sequences: ${
        someOf(short.map(([name, count]) => `${name} of ${count} patches`))
      }, fewer than download.patches_per_sequence = ${options.patchesPerSequence}: the held-out photographs have room for no more`,
    );
  }
  return lines;
}

/** Why photographs gave fewer labels than were asked for. */
function scarcity(
  { mostSetsPerImage: most }: PhotoOptions,
  labels: readonly number[],
): string {
  const bounded = labels.filter((count) => count === most).length;
  const images = (count: number) =>
    `${count} ${count === 1 ? "photograph" : "photographs"}`;
  return bounded > 0
    ? `${
      images(bounded)
    } gave max_sets_per_img = ${most}; raise it or add photographs`
    : `${images(labels.length)} ${
      labels.length === 1 ? "has" : "have"
    } room for no more; add photographs, or change sigmas_v or weight_function`;
}

/**
 * Before anything is cut or trained.
 *
 * @throws {DataError} when a split is to be evaluated that the photographs do not give
 */
function requireSplits({ download, evaluate }: Config): void {
  if (evaluate.tasks.every((task) => task === "phototour")) return;
  const known = photoSplits(download.held_out);
  const unknown = evaluate.splits.find((split) => !known.includes(split));
  if (unknown === undefined) return;
  throw new DataError({
    attempt: "choose the splits",
    where: "evaluate.splits",
    found: `"${unknown}"`,
    wanted: `of ${download.held_out} held-out photographs one of ${
      known.join(", ")
    }`,
  });
}

function photoOptions({ seed, download }: Config): PhotoOptions {
  return {
    seed,
    sourceDirectory: download.source_dir,
    heldOut: download.held_out,
    heldOutTrain: download.held_out_train,
    keypoints: download.keypoints,
    viewNoise: download.view_noise,
    depthEdges: download.depth_edges,
    cameraGrain: download.camera_grain,
    weightFunction: download.weight_function,
    sigmasV: download.sigmas_v,
    patchSets: download.patch_sets,
    leastSetsPerImage: download.min_sets_per_img,
    mostSetsPerImage: download.max_sets_per_img,
    views: download.views,
    testPairs: download.test_pairs,
    patchesPerSequence: download.patches_per_sequence,
    pairsPerPhotograph: download.pairs_per_photograph,
  };
}

/**
 * Before anything is cut or trained.
 *
 * @throws {DataError} when so many photographs cannot give the labels of a batch
 */
function requireLabels(config: Config, photographs: number): void {
  const { max_sets_per_img: most } = config.download;
  const { labels, stage } = largestBatch(config);
  if (most < 0 || most * photographs >= labels) return;
  throw new DataError({
    attempt: "share out the patch sets",
    where: "download.max_sets_per_img",
    found: `${most}, so ${most * photographs} labels of ${photographs} ${
      photographs === 1 ? "photograph" : "photographs"
    }`,
    wanted: `at least ${labels} labels, those in a batch of ${stage}`,
    remedy: "raise max_sets_per_img, add photographs or lower the batch size",
  });
}

/**
 * Before anything is cut or trained.
 *
 * @throws {DataError} when photographs of these sizes have no room for the labels of a batch
 */
function requireRoom(config: Config, sizes: readonly ImageSize[]): void {
  // Where detectors look there is no such bound.
  if (config.download.keypoints !== "drawn") return;
  const most = sizes.reduce(
    (sum, size) => sum + mostKeypoints(size, config.download.sigmas_v),
    0,
  );
  const { labels } = largestBatch(config);
  if (most < labels) throw tooFewLabels(config, `room for ${most} at most`);
}

/** @throws {DataError} when the photographs gave fewer labels than a batch has */
function requireBatch(config: Config, given: number, images: number): void {
  if (given >= largestBatch(config).labels) return;
  throw tooFewLabels(
    config,
    `${given} labels of ${images} ${
      images === 1 ? "photograph" : "photographs"
    }`,
  );
}

function tooFewLabels(config: Config, found: string): DataError {
  const { labels, stage } = largestBatch(config);
  return new DataError({
    attempt: "cut training patches",
    where: config.download.source_dir || "bundled photographs",
    found,
    wanted: `at least ${labels} labels, those in a batch of ${stage}`,
    remedy:
      "add photographs, lower the batch size, or change sigmas_v or weight_function",
  });
}
