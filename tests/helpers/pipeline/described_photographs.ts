/** Image pairs of bundled photographs, described without a GPU. */
import { join } from "@std/path";
import { listPhotographs, readImagePairs } from "../../../data/mod.ts";
import { writeImagePairs } from "../../../data/photographs/photo_image_pairs.ts";
import { describePairImages } from "../../../pipeline/descriptors/describe_pair_images.ts";
import { openDescriber } from "../../../pipeline/descriptors/describers.ts";
import type { DescribedPairs } from "../../../pipeline/evaluation/image_pairs/described_pairs.ts";
import { silentLog } from "../../../pipeline/log.ts";

/** What the photographs are described with. */
export const cheapDescriptors = ["pixels", "rootsift"] as const;

/** Writes and describes two pairs of each of some bundled photographs. */
export async function describedPhotographs(
  folder: string,
  names: readonly string[],
): Promise<DescribedPairs> {
  const { training, heldOut } = await listPhotographs("", 3);
  const photographs = [...training, ...heldOut]
    .filter(({ name }) => names.includes(name));
  const images = join(folder, "images");
  const options = { seed: 1, pairsPerPhotograph: 2 };
  await writeImagePairs(images, photographs, options, "test");
  const set = await readImagePairs(images);
  const directory = join(folder, "described");
  const opening = {
    modelPath: "",
    network: "SDGMNet128",
    seed: 0,
    batchSize: 1,
    gpu: () => Promise.reject(new Error("no network is asked for")),
  } as const;
  const describers = new Map(
    await Promise.all(
      cheapDescriptors.map(async (name) =>
        [name, await openDescriber(name, opening)] as const
      ),
    ),
  );
  await describePairImages(describers, {
    images: set.images,
    most: 400,
    target: directory,
    label: "describe",
    log: silentLog,
    signal: new AbortController().signal,
  });
  return { set, directory };
}
