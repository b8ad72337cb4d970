import { join } from "@std/path";
import type { ImagePair, ImagePairSet } from "../../../data/mod.ts";
import {
  type DescribedPairImage,
  pairImageFile,
  readPairImage,
} from "../../descriptors/pair_image_file.ts";

/** A set whose images were described. */
export interface DescribedPairs {
  set: ImagePairSet;
  /** folder with a file for each image */
  directory: string;
}

/** A pair with both images. */
export interface LoadedPair {
  /** in the set */
  number: number;
  pair: ImagePair;
  left: DescribedPairImage;
  right: DescribedPairImage;
}

/**
 * The pairs of a set with their images, of which two are in memory.
 *
 * @throws {DataError} when the file of an image is missing or damaged
 */
export async function* loadPairs(
  { set, directory }: DescribedPairs,
): AsyncGenerator<LoadedPair> {
  let kept = new Map<number, DescribedPairImage>();
  for (const [number, pair] of set.pairs.entries()) {
    const now = new Map<number, DescribedPairImage>();
    for (const image of [pair.left, pair.right]) {
      now.set(
        image,
        kept.get(image) ??
          await readPairImage(join(directory, pairImageFile(image))),
      );
    }
    kept = now;
    const left = now.get(pair.left)!;
    const right = now.get(pair.right)!;
    yield { number, pair, left, right };
  }
}
