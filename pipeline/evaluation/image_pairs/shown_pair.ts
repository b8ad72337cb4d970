import type * as v from "valibot";
import {
  encodePng,
  type ImagePairSet,
  readGreyImage,
} from "../../../data/mod.ts";
import { type GreyPicture, halvePicture } from "../../../features/mod.ts";
import type { shownPair } from "../findings_schema.ts";
import type { PointPairs } from "../../../features/mod.ts";
import { rightMatches } from "./pair_outcome.ts";

/** A pair of images with the matches of some descriptors. */
export type ShownPair = v.InferOutput<typeof shownPair>;

/** Longest side of a drawn image, in pixels. */
const mostSidePixels = 640;

/** Keeps the matches of every pair, to show those of one. */
export class PairCollector {
  readonly #descriptors: readonly string[];
  /** by pair, then descriptor */
  readonly #points: Map<string, PointPairs>[] = [];

  /** @param descriptors those whose matches are shown, the one that decides which pair last */
  constructor(descriptors: readonly string[]) {
    this.#descriptors = descriptors;
  }

  /** Takes note of a descriptor's matches of a pair. */
  add(pair: number, descriptor: string, points: PointPairs): void {
    if (!this.#descriptors.includes(descriptor)) return;
    (this.#points[pair] ??= new Map()).set(descriptor, points);
  }

  /**
   * The pair that is neither easy nor hard: of the last descriptor, its number of right matches is the median.
   *
   * @throws {DataError} when an image cannot be read
   */
  async typicalPair(name: string, set: ImagePairSet): Promise<ShownPair[]> {
    const decisive = this.#descriptors.at(-1);
    if (decisive === undefined || set.pairs.length === 0) return [];
    const counts = set.pairs.map(({ truth }, number) => ({
      number,
      count: rightMatches(truth, this.#points[number].get(decisive)!)
        .filter((right) => right).length,
    })).sort((a, b) => a.count - b.count || a.number - b.number);
    const { number } = counts[Math.floor((counts.length - 1) / 2)];
    const { sequence, left, right, truth } = set.pairs[number];
    const [a, b] = await Promise.all(
      [left, right].map((image) => reducedImage(set.images[image])),
    );
    const matches = this.#descriptors.map((descriptor) => {
      const points = this.#points[number].get(descriptor)!;
      const right = rightMatches(truth, points);
      const at = (side: Float64Array, index: number, factor: number) =>
        Math.round(10 * (side[index] + 0.5) / factor) / 10;
      return [
        descriptor,
        right.map((is, i): ShownPair["matches"][string][number] => [
          at(points.left, 2 * i, a.factor),
          at(points.left, 2 * i + 1, a.factor),
          at(points.right, 2 * i, b.factor),
          at(points.right, 2 * i + 1, b.factor),
          is,
        ]),
      ] as const;
    });
    return [{
      set: name,
      sequence,
      left: a.drawn,
      right: b.drawn,
      matches: Object.fromEntries(matches),
    }];
  }
}

/** An image at the largest size, of halves, quarters and so on, that is drawn; `factor` of its pixels make one. */
async function reducedImage(path: string) {
  let picture: GreyPicture = await readGreyImage(path);
  let factor = 1;
  while (Math.max(picture.width, picture.height) > mostSidePixels) {
    picture = halvePicture(picture);
    factor *= 2;
  }
  const { width, height } = picture;
  const pixels = Uint8Array.from(picture.pixels, Math.round);
  const png = encodePng({ width, height, pixels }).toBase64();
  return { drawn: { width, height, png }, factor };
}
