import {
  listPhotographs,
  type PhotoOptions,
  someOf,
  writePhotoDataset,
} from "../../data/mod.ts";
import type { Config } from "../config.ts";
import type { Source } from "./source.ts";

/** Patch sets cut out of photographs, bundled or the user's own. */
export const photos: Source = {
  parameters({ seed, download }) {
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
  },

  async externalFiles({ download }) {
    const { training, heldOut } = await listPhotographs(
      download.source_dir,
      download.held_out,
    );
    return [...training, ...heldOut].map((file) => file.path);
  },

  async write({ config, outputDirectory, log }, onProgress) {
    const { source_dir, held_out } = config.download;
    const { ignored } = await listPhotographs(source_dir, held_out);
    if (ignored.length > 0) {
      log.info(`${source_dir}: passed over ${someOf(ignored)}`);
    }
    const options = photoOptions(config);
    return await writePhotoDataset(outputDirectory, options, onProgress);
  },
};

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
