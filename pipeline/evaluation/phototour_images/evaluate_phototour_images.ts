import { join } from "@std/path";
import {
  PackedPatches,
  packPhotoTour,
  readPatchImages,
} from "../../../data/mod.ts";
import type { DescriptorName } from "../../config/descriptor_names.ts";
import {
  type DescriberOptions,
  openDescriber,
} from "../../descriptors/describers.ts";
import { PipelineError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { ratioAveragePrecision } from "../../metrics/ratio_precision.ts";

/** What is measured, with what. */
export interface EvaluatePhototourImagesOptions {
  /** an unpacked PhotoTour set, with interest.txt */
  directory: string;
  descriptors: readonly DescriptorName[];
  /** how the networks among the descriptors are opened */
  opening: DescriberOptions;
  log: Log;
  signal: AbortSignal;
}

/** What the matches within images say of descriptors. */
export interface PhototourImageMeasures {
  /** images that have matches */
  images: number;
  patches: number;
  /** by descriptor, means over images, fractions in [0, 1] */
  descriptors: Record<string, { map: number; map_as_published: number }>;
}

/**
 * Mean average precision of the matches within each image of a PhotoTour set, by the second-nearest-neighbour ratio: UBC PhotoTour
 * Revisited's measure. The set is packed into a temporary folder; patches and descriptors of one image are in memory at a time.
 *
 * @throws {DataError} when the set or the network cannot be read
 * @throws {PipelineError} when no image has a match
 * @throws the signal's reason when aborted
 */
export async function evaluatePhototourImages(
  options: EvaluatePhototourImagesOptions,
): Promise<PhototourImageMeasures> {
  const { directory, descriptors, opening, log, signal } = options;
  const folder = await Deno.makeTempDir({ prefix: "phototour-" });
  using cleanup = new DisposableStack();
  cleanup.defer(() => Deno.removeSync(folder, { recursive: true }));
  const packed = join(folder, "patches.bin");
  const { labels } = await packPhotoTour(directory, packed);
  const images = await readPatchImages(directory, labels.length);
  using patches = await PackedPatches.open(packed);
  const byImage = [...Map.groupBy(images.keys(), (patch) => images[patch])]
    .sort(([a], [b]) => a - b).map(([, indices]) => indices)
    .filter((indices) => hasMatches(indices.map((patch) => labels[patch])));
  if (byImage.length === 0) {
    throw new PipelineError({
      attempt: "measure matches within images",
      where: directory,
      found: "no image with two patches of one label and one of another",
      wanted: "a PhotoTour set",
    });
  }
  const measures: PhototourImageMeasures["descriptors"] = {};
  for (const name of descriptors) {
    using describer = await openDescriber(name, opening);
    const progress = log.progress(name, byImage.length, "images");
    const sums = { map: 0, map_as_published: 0 };
    for (const [done, indices] of byImage.entries()) {
      signal.throwIfAborted();
      progress.update(done);
      const values = await describer.describe(patches.read(indices), 64);
      const { precision, asPublished } = ratioAveragePrecision(
        { values, dimension: describer.dimension },
        Uint32Array.from(indices, (patch) => labels[patch]),
      )!;
      sums.map += precision;
      sums.map_as_published += asPublished;
    }
    progress.finish();
    measures[name] = {
      map: sums.map / byImage.length,
      map_as_published: sums.map_as_published / byImage.length,
    };
  }
  return {
    images: byImage.length,
    patches: byImage.reduce((sum, { length }) => sum + length, 0),
    descriptors: measures,
  };
}

/** Whether some two labels are equal and not all are. */
function hasMatches(labels: readonly number[]): boolean {
  const different = new Set(labels).size;
  return different > 1 && different < labels.length;
}
