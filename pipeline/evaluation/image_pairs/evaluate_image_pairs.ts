import { join } from "@std/path";
import {
  type ImagePairSet,
  readImagePairs,
  withoutLargestSequences,
} from "../../../data/mod.ts";
import type { DescriptorName } from "../../config/descriptor_names.ts";
import { describePairImages } from "../../descriptors/describe_pair_images.ts";
import {
  type Describer,
  type DescriberOptions,
  openDescriber,
} from "../../descriptors/describers.ts";
import { pairSetName } from "../../descriptors/pair_sets.ts";
import type { BootstrapOptions, Measures } from "../measures.ts";
import { PipelineError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { DescribedPairs } from "./described_pairs.ts";
import { measureImagePairs } from "./measure_image_pairs.ts";

/** What is measured, with what, and how. */
export interface EvaluateImagePairsOptions {
  /** path of the pairs, see `readImagePairs` */
  pairs: string;
  /** path of other pairs to choose the ratios on */
  validation?: string | undefined;
  /** leave out the sequences of HPatches that published figures leave out */
  withoutLargest: boolean;
  descriptors: readonly DescriptorName[];
  /** how many keypoints of each image are described at most */
  keypoints: number;
  /** how the networks among the descriptors are opened */
  opening: DescriberOptions;
  bootstrap?: BootstrapOptions | undefined;
  log: Log;
  signal: AbortSignal;
}

/**
 * Describes the images of a set of pairs and measures the matches. Descriptors wait in a temporary folder, so that memory does not grow
 * with the set.
 *
 * @returns figures by set, then descriptor
 * @throws {DataError} when a pair, an image or the network cannot be read; the signal's reason when aborted
 */
export async function evaluateImagePairs(
  options: EvaluateImagePairsOptions,
): Promise<NonNullable<Measures["image_pairs"]>> {
  const { pairs, validation, withoutLargest, descriptors, log, signal } =
    options;
  const sets = await Promise.all(
    [pairs, ...(validation === undefined ? [] : [validation])]
      .map(async (path) => ({
        path,
        set: await readSet(path, withoutLargest),
      })),
  );
  const folder = await Deno.makeTempDir({ prefix: "image-pairs-" });
  try {
    const [test, other] = await describeSets(sets, folder, options);
    const { bootstrap } = options;
    const measures = await measureImagePairs({
      test,
      validation: other,
      descriptors,
      bootstrap,
      log,
      signal,
    });
    return { [pairSetName(pairs)]: measures };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function readSet(
  path: string,
  withoutLargest: boolean,
): Promise<ImagePairSet> {
  const set = await readImagePairs(path);
  if (!withoutLargest) return set;
  const rest = withoutLargestSequences(set);
  if (rest.pairs.length > 0) return rest;
  throw new PipelineError({
    attempt: "measure image pairs",
    where: path,
    found: "none but the largest sequences of HPatches",
    wanted: "others as well, or no --without-largest",
  });
}

async function describeSets(
  sets: readonly { path: string; set: DescribedPairs["set"] }[],
  folder: string,
  { descriptors, keypoints, opening, log, signal }: EvaluateImagePairsOptions,
): Promise<DescribedPairs[]> {
  using owned = new DisposableStack();
  const describers = new Map<string, Describer>();
  for (const name of descriptors) {
    describers.set(name, owned.use(await openDescriber(name, opening)));
  }
  const described: DescribedPairs[] = [];
  for (const [number, { path, set }] of sets.entries()) {
    const directory = join(folder, String(number));
    await describePairImages(describers, {
      images: set.images,
      most: keypoints,
      target: directory,
      label: `describe the images of ${pairSetName(path)}`,
      log,
      signal,
    });
    described.push({ set, directory });
  }
  return described;
}
