import { join } from "@std/path";
import {
  listPhotographs,
  listReleaseFiles,
  type PhotoOptions,
  PublishedSets,
  type ReleaseOptions,
  wantedSets,
  writePhotoDataset,
  writeReleaseDataset,
} from "../../data/mod.ts";
import type { ArchiveName, Config } from "../config.ts";
import type { Progress } from "../log.ts";
import type { Json } from "../files/json.ts";
import type { Stage, StageContext } from "../stage.ts";

/**
 * Provides the patches: `training/patches.bin`, `test/<set>/{patches.bin,pairs.txt}`, `hpatches/<sequence>/*.png`, `tasks/` and
 * `manifest.json`. With `source = "photos"` they are cut out of photographs; with `"phototour"` they come from the published
 * sets, on this machine or fetched: archives stay in the store for other configs, what is unpacked goes as soon as it is packed.
 */
export const download: Stage = {
  name: "download",
  summary: "patches for training, test pairs, HPatches sequences and tasks",
  module: new URL(import.meta.url),
  inputs: () => [],
  parameters,
  externalFiles,
  run,
};

function parameters(
  { seed, download, contents }: Config,
): Record<string, Json> {
  if (download.source === "phototour") {
    const { source, training_set, test_sets, partial_sets } = download;
    const pinned = Object.fromEntries(
      wantedSets({ trainingSet: training_set, testSets: test_sets })
        .map((set) => [set, contents[set as ArchiveName]])
        .filter(([, digest]) => digest !== ""),
    );
    const pins = Object.keys(pinned).length === 0 ? {} : { contents: pinned };
    return { source, training_set, test_sets, partial_sets, ...pins };
  }
  const bundled = download.source_dir === "" ? { source_dir: "" } : {};
  return {
    seed,
    ...bundled,
    source: download.source,
    patch_gen: download.patch_gen,
    weight_function: download.weight_function,
    sigmas_v: download.sigmas_v,
    patch_sets: download.patch_sets,
    min_sets_per_img: download.min_sets_per_img,
    max_sets_per_img: download.max_sets_per_img,
    views: download.views,
    held_out: download.held_out,
    test_pairs: download.test_pairs,
    patches_per_sequence: download.patches_per_sequence,
  };
}

/** The photographs, bundled or the user's own, or the published sets that are here already. */
async function externalFiles(config: Config): Promise<string[]> {
  const { download } = config;
  if (download.source === "phototour") {
    return listReleaseFiles(download.source_dir, releaseOptions(config));
  }
  const { training, heldOut } = await listPhotographs(
    download.source_dir,
    download.held_out,
  );
  return [...training, ...heldOut].map((file) => file.path);
}

async function run(context: StageContext): Promise<void> {
  const { config, outputDirectory } = context;
  const report = new PartReporter(context);
  const manifest = config.download.source === "phototour"
    ? await writeReleaseDataset(
      outputDirectory,
      publishedSets(context, report.update),
      releaseOptions(config),
      report.update,
    )
    : await writePhotoDataset(
      outputDirectory,
      photoOptions(config),
      report.update,
    );
  report.finish();
  await Deno.writeTextFile(
    join(outputDirectory, "manifest.json"),
    JSON.stringify(manifest, null, 2) + "\n",
  );
}

function releaseOptions({ download, evaluate }: Config): ReleaseOptions {
  const evaluatesHpatches = evaluate.tasks.some((task) => task !== "phototour");
  return {
    trainingSet: download.training_set,
    testSets: download.test_sets,
    publishedCounts: !download.partial_sets,
    splits: evaluatesHpatches ? evaluate.splits : [],
  };
}

function publishedSets(
  context: StageContext,
  onProgress: PartReporter["update"],
): PublishedSets {
  const { config, pinnedContents } = context;
  return new PublishedSets({
    sourceDirectory: config.download.source_dir,
    mirrors: config.mirrors,
    pins: [
      { contents: config.contents, from: "[contents] of the config" },
      { contents: pinnedContents, from: "the config's lock file" },
    ],
    offline: config.download.offline,
    downloadsDirectory: context.downloadsDirectory,
    scratchDirectory: context.scratchDirectory,
    onProgress,
    signal: context.signal,
  });
}

function photoOptions({ seed, download }: Config): PhotoOptions {
  return {
    seed,
    sourceDirectory: download.source_dir,
    heldOut: download.held_out,
    weightFunction: download.weight_function,
    sigmasV: download.sigmas_v,
    patchSets: download.patch_sets,
    leastSetsPerImage: download.min_sets_per_img,
    mostSetsPerImage: download.max_sets_per_img,
    views: download.views,
    testPairs: download.test_pairs,
    patchesPerSequence: download.patches_per_sequence,
  };
}

/** One progress bar a part of the work; stops the work when the run is aborted. */
class PartReporter {
  readonly #context: StageContext;
  #part = "";
  #progress: Progress | undefined;

  constructor(context: StageContext) {
    this.#context = context;
  }

  readonly update = (
    part: string,
    done: number,
    total: number,
    unit: string,
  ) => {
    this.#context.signal.throwIfAborted();
    if (part !== this.#part) {
      this.finish();
      this.#part = part;
      this.#progress = this.#context.log.progress(part, total, unit);
    }
    this.#progress?.update(done);
  };

  finish() {
    this.#progress?.finish();
    this.#progress = undefined;
  }
}
