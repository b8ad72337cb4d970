import type { ImagePairSet } from "./image_pairs.ts";

/**
 * Names of the sequences of HPatches whose images are larger than 1,600×1,200 pixels. Published figures leave them out since D2-Net:
 * 108 sequences of 116 remain, 540 pairs.
 */
export const largestSequences: readonly string[] = [
  "i_contruction",
  "i_crownnight",
  "i_dc",
  "i_pencils",
  "i_whitebuilding",
  "v_artisans",
  "v_astronautis",
  "v_talent",
];

/** The set without the pairs of {@linkcode largestSequences} and without images that no other pair has. */
export function withoutLargestSequences(set: ImagePairSet): ImagePairSet {
  const kept = set.pairs.map(({ sequence }) =>
    !largestSequences.includes(sequence)
  );
  const pairs = set.pairs.filter((_, index) => kept[index]);
  const used = [...new Set(pairs.flatMap(({ left, right }) => [left, right]))];
  const numbers = new Map(used.map((image, number) => [image, number]));
  return {
    ...set,
    images: used.map((image) => set.images[image]),
    pairs: pairs.map((pair) => ({
      ...pair,
      left: numbers.get(pair.left)!,
      right: numbers.get(pair.right)!,
    })),
  };
}
