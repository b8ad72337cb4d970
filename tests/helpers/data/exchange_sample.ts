import { join } from "@std/path";
import type {
  DescribedPhotograph,
  ExchangedPhotograph,
  MatchedPair,
} from "../../../data/exchange/described_photograph.ts";
import { featureWriters, pairWriters } from "../../../data/exchange/formats.ts";
import {
  type FormatName,
  formatNames,
  pairFormatNames,
} from "../../../data/exchange/format_names.ts";
import { RandomStream } from "../../../data/random.ts";

/** A made-up photograph with keypoints anywhere in it and rows of length 1. */
export function madeUpPhotograph(
  facts: Partial<ExchangedPhotograph> & { name: string; count: number },
  seed = 1,
  dimension = 128,
): DescribedPhotograph {
  const { count, width = 400, height = 300 } = facts;
  const stream = new RandomStream(seed, `exchange ${facts.name}`);
  const keypoints = new Float64Array(5 * count);
  const descriptors = new Float32Array(count * dimension);
  for (let i = 0; i < count; i++) {
    keypoints.set([
      stream.uniform(0, width - 1),
      stream.uniform(0, height - 1),
      stream.uniform(1, 20),
      stream.uniform(0, 2 * Math.PI),
      stream.uniform(0.01, 0.3),
    ], 5 * i);
    const row = Array.from({ length: dimension }, () => stream.normal());
    const length = Math.hypot(...row);
    descriptors.set(row.map((value) => value / length), dimension * i);
  }
  return {
    width,
    height,
    orientation: 1,
    ...facts,
    keypoints,
    descriptors,
    dimension,
  };
}

/** Photographs whose names and numbers of keypoints are hard on writers; the last one is stored turned by a quarter. */
export const samplePhotographs: readonly DescribedPhotograph[] = [
  madeUpPhotograph({ name: "plain.jpg", count: 5 }),
  madeUpPhotograph({ name: "sub folder/ü ж.png", count: 7, width: 300 }),
  madeUpPhotograph({
    name: "sub folder/deep/it's, so.jpg",
    count: 3,
  }),
  madeUpPhotograph({ name: "blank wall.jpg", count: 0 }),
  madeUpPhotograph({
    name: "turned.jpg",
    count: 4,
    width: 300,
    height: 400,
    orientation: 6,
  }),
];

function madeUpPair(
  left: number,
  right: number,
  matches: [number, number][],
  rest: Pick<MatchedPair, "geometry"> & { inliers: number[] },
): MatchedPair {
  return {
    left: samplePhotographs[left],
    right: samplePhotographs[right],
    matches: Uint32Array.from(matches.flat()),
    distances: Float32Array.from(matches, (_, i) => 0.3 + i / 10),
    ratios: Float32Array.from(matches, (_, i) => 0.5 + i / 10),
    geometry: rest.geometry,
    inliers: Uint32Array.from(rest.inliers),
  };
}

/** Pairs with each kind of geometry, one whose left photograph comes after the right one, one without matches, one not verified. */
export const samplePairs: readonly MatchedPair[] = [
  madeUpPair(0, 1, [[0, 6], [2, 1], [4, 0]], {
    geometry: {
      kind: "fundamental",
      matrix: Float64Array.of(
        1e-6,
        2e-5,
        -3e-3,
        -1e-5,
        2e-6,
        0.01,
        2e-3,
        -0.02,
        0.9,
      ),
    },
    inliers: [0, 2],
  }),
  madeUpPair(0, 2, [[1, 2], [3, 0]], {
    geometry: {
      kind: "homography",
      matrix: Float64Array.of(1.1, 0.1, 5, -0.2, 0.9, 12, 1e-4, -2e-4, 1),
    },
    inliers: [1],
  }),
  madeUpPair(4, 0, [[3, 2], [0, 4]], {
    geometry: {
      kind: "fundamental",
      matrix: Float64Array.of(
        2e-6,
        1e-5,
        4e-3,
        3e-5,
        -2e-6,
        0.02,
        -3e-3,
        0.01,
        0.8,
      ),
    },
    inliers: [0, 1],
  }),
  madeUpPair(3, 0, [], { geometry: null, inliers: [] }),
  madeUpPair(1, 2, [[5, 1]], { geometry: undefined, inliers: [] }),
];

/** Writes photographs, and pairs where a format has them, into a folder. */
export async function writeExchange(
  format: FormatName,
  directory: string,
  photographs: readonly DescribedPhotograph[] = samplePhotographs,
  pairs: readonly MatchedPair[] = samplePairs,
): Promise<void> {
  Deno.mkdirSync(directory, { recursive: true });
  const options = {
    directory,
    onlyInliers: false,
    descriptors: "bytes",
  } as const;
  const pairFormat = pairFormatNames.find((name) => name === format);
  if (pairFormat === undefined) {
    using writer = featureWriters[format](options);
    for (const photograph of photographs) {
      await writer.addPhotograph(photograph);
    }
    writer.finish();
    return;
  }
  using writer = pairWriters[pairFormat](options);
  for (const photograph of photographs) await writer.addPhotograph(photograph);
  for (const pair of pairs) await writer.addPair(pair);
  writer.finish();
}

/** Writes the sample in every format into folders of their names; the golden script calls this module to read them. */
export async function writeSample(directory: string): Promise<void> {
  for (const format of formatNames) {
    await writeExchange(format, join(directory, format));
  }
}

if (import.meta.main) await writeSample(Deno.args[0]);
