import { join } from "@std/path";
import { readGreyImage } from "../../data/mod.ts";
import { cutPatches, detectKeypoints } from "../../features/mod.ts";
import type { Log } from "../log.ts";
import type { DescriptorRows } from "../metrics/distance.ts";
import { cutSidePixels } from "./describe_image.ts";
import type { Describer } from "./describers.ts";
import { pairImageFile, writePairImage } from "./pair_image_file.ts";

/** What {@linkcode describePairImages} reads, writes and reports to. */
export interface PairImagesJob {
  /** paths of the images */
  images: readonly string[];
  /** how many keypoints of each are described at most */
  most: number;
  /** folder that takes a file for each image, see `pair_image_file.ts` */
  target: string;
  /** what the progress is called */
  label: string;
  log: Log;
  signal: AbortSignal;
}

/**
 * Finds the strongest keypoints of images, cuts the patch of each once, and describes it with every describer.
 *
 * @param describers by the name that the files tell
 * @throws {DataError} when an image cannot be read; the signal's reason when aborted
 */
export async function describePairImages(
  describers: ReadonlyMap<string, Describer>,
  { images, most, target, label, log, signal }: PairImagesJob,
): Promise<void> {
  const progress = log.progress(label, images.length, "images");
  progress.update(0);
  await Deno.mkdir(target, { recursive: true });
  for (const [number, path] of images.entries()) {
    signal.throwIfAborted();
    const picture = await readGreyImage(path);
    const { width, height } = picture;
    const keypoints = detectKeypoints(picture, { most });
    const patches = cutPatches(picture, keypoints, {
      sidePixels: cutSidePixels,
    });
    const descriptors = new Map<string, DescriptorRows>();
    for (const [name, describer] of describers) {
      const values = await describer.describe(patches, cutSidePixels);
      descriptors.set(name, { values, dimension: describer.dimension });
    }
    const described = { width, height, keypoints, descriptors };
    await writePairImage(join(target, pairImageFile(number)), described);
    progress.update(number + 1);
  }
  progress.finish();
}
