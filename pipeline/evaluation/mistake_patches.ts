import type * as v from "valibot";
import { encodePng, readSequencePatches } from "../../data/mod.ts";
import type { Mistake } from "./hardest_mistakes.ts";
import { noises } from "./benchmark.ts";
import type * as schema from "./findings_schema.ts";

/** A mistake with its three patches, each a PNG in base64. */
export type PicturedMistake = v.InferOutput<typeof schema.picturedMistake>;

const sidePixels = 65;

/**
 * Cuts the patches of mistakes out of the sequences' strips.
 *
 * @param directory folder in the HPatches release layout
 * @throws {DataError} when a strip is missing or damaged
 */
export async function pictureMistakes(
  directory: string,
  mistakes: readonly Mistake[],
): Promise<PicturedMistake[]> {
  const pictured: PicturedMistake[] = [];
  for (const mistake of mistakes) {
    const { sequence, noise, image, patch, taken } = mistake;
    const reference = await readSequencePatches(directory, sequence, "ref");
    const type = `${noises[noise]}${image}`;
    const other = await readSequencePatches(directory, sequence, type);
    pictured.push({
      ...mistake,
      images: {
        query: cut(reference.patches, patch),
        taken: cut(other.patches, taken),
        right: cut(other.patches, patch),
      },
    });
  }
  return pictured;
}

function cut(strip: Uint8Array, index: number): string {
  const area = sidePixels * sidePixels;
  const pixels = strip.slice(index * area, (index + 1) * area);
  return encodePng({ width: sidePixels, height: sidePixels, pixels })
    .toBase64();
}
