import { join } from "@std/path";
import {
  listPhotographs,
  listReleaseFiles,
  type PhotoOptions,
  type ReleaseOptions,
  writePhotoDataset,
  writeReleaseDataset,
} from "../../data/mod.ts";
import type { Config } from "../config.ts";
import type { Progress } from "../log.ts";
import type { Json, Stage, StageContext } from "../stage.ts";

/**
 * Provides the patches: `training/patches.bin`, `test/<set>/{patches.bin,pairs.txt}`, `hpatches/<sequence>/*.png`, `tasks/` and
 * `manifest.json`. With `source = "photos"` they are cut out of photographs; with `"phototour"` they come from unpacked copies
 * of the published sets.
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

function parameters({ seed, download }: Config): Record<string, Json> {
  if (download.source === "phototour") {
    const { source, training_set, test_sets } = download;
    return { source, training_set, test_sets };
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

/** The photographs, bundled or the user's own, or the unpacked sets. */
async function externalFiles({ download }: Config): Promise<string[]> {
  if (download.source === "phototour") {
    return listReleaseFiles(releaseOptions({ download }));
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

function releaseOptions(
  { download }: Pick<Config, "download">,
): ReleaseOptions {
  return {
    sourceDirectory: download.source_dir,
    trainingSet: download.training_set,
    testSets: download.test_sets,
  };
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
