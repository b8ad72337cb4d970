/**
 * How descriptors do on patches of real photographs, cut as HPatches cut its own: sequences of images with published homographies become
 * reference patches and patches of the other images with easy, hard and tough noise, and nearest neighbours are counted.
 *
 *     DENO_WEBGPU_BACKEND=vulkan,metal,dx12 deno run --allow-read --allow-env tests/bench/quality/real_patches.ts SEQUENCES NAME=MODEL…
 *
 * SEQUENCES is a folder as `evaluate --image-pairs` takes it. Prints a Markdown table of matching mAP for RootSIFT and for each network,
 * with 95 % intervals by bootstrap over keypoints. A keypoint's noise is the same for all.
 */
import { parseArgs } from "@std/cli/parse-args";
import {
  drawNoisyRegion,
  noiseLevels,
  regionIsInside,
  regionOf,
} from "../../../data/photographs/geometric_noise.ts";
import {
  keypointMaps,
  scaleList,
} from "../../../data/photographs/keypoint_map.ts";
import { drawKeypoints } from "../../../data/photographs/keypoints.ts";
import {
  borderSigmas,
  type Keypoint,
} from "../../../data/photographs/keypoint_discs.ts";
import { PatchCutter } from "../../../data/photographs/photo_patches.ts";
import { readGreyImage, readImagePairs } from "../../../data/mod.ts";
import { stripSidePixels } from "../../../data/patches/hpatches_layout.ts";
import { RandomStream } from "../../../data/random.ts";
import {
  compose,
  type Homography,
} from "../../../features/geometry/homography.ts";
import { type Plane, planeOf } from "../../../features/images/plane.ts";
import { SamplingStack } from "../../../features/patches/sampling_stack.ts";
import { openGpu } from "../../../gpu/mod.ts";
import type { Describer } from "../../../pipeline/descriptors/describers.ts";
import { drawSequences } from "../../../pipeline/evaluation/bootstrap.ts";
import {
  matchingFigure,
  type NearestRows,
  nearestRows,
} from "../../../pipeline/metrics/matching.ts";
import { intervalText } from "./interval_text.ts";
import { openNamed } from "./named_describer.ts";

const seed = 211;
const mostKeypoints = 1000;
const replicates = 1000;
const kinds = ["easy", "hard", "tough"] as const;

/** The patches of one pair: of the reference, and of the other image by kind of noise; [count, 65, 65] each. */
interface PairPatches {
  reference: Uint8Array;
  others: Readonly<Record<(typeof kinds)[number], Uint8Array>>;
}

function cut(stack: SamplingStack, regions: readonly Homography[]): Uint8Array {
  const pixels = new Uint8Array(
    regions.length * stripSidePixels * stripSidePixels,
  );
  const values = new Float32Array(stripSidePixels * stripSidePixels);
  regions.forEach((region, number) => {
    stack.sample(region, stripSidePixels, stripSidePixels, values);
    values.forEach((value, i) =>
      pixels[number * stripSidePixels * stripSidePixels + i] = value + 0.5
    );
  });
  return pixels;
}

/** Places of the left photograph that the right one shows whole, as the demo's test sequences have theirs. */
function placesOf(
  left: Plane,
  right: Plane,
  toRight: Homography,
  number: number,
): Keypoint[] {
  const maps = [
    ...keypointMaps(left, scaleList("e011"), "HessianSqrt", borderSigmas),
  ];
  const cutter = new PatchCutter(new SamplingStack(left), seed, "real patches");
  return drawKeypoints(
    maps,
    mostKeypoints,
    seed,
    "real patches",
    number,
    (keypoint) => {
      const region = regionOf(keypoint);
      return regionIsInside(
        compose(toRight, region),
        right.width,
        right.height,
      ) && cutter.hasContrast(region);
    },
  );
}

function cutPair(
  left: Plane,
  right: Plane,
  toRight: Homography,
  number: number,
): PairPatches {
  const places = placesOf(left, right, toRight, number);
  const seen = new SamplingStack(right);
  const noisy = (kind: (typeof kinds)[number]) =>
    cut(
      seen,
      places.map((keypoint, i) =>
        drawNoisyRegion(
          toRight,
          regionOf(keypoint),
          noiseLevels[kind],
          right,
          new RandomStream(seed, "real noise", number, i),
        )
      ),
    );
  return {
    reference: cut(new SamplingStack(left), places.map(regionOf)),
    others: { easy: noisy("easy"), hard: noisy("hard"), tough: noisy("tough") },
  };
}

/** The mean over pairs of average precision, each keypoint counted as often as it was drawn. */
function meanPrecision(
  pairs: readonly NearestRows[],
  draws?: readonly Uint16Array[],
): number {
  const all = pairs.map((nearest, number) =>
    matchingFigure(
      draws === undefined ? nearest : repeated(nearest, draws[number]),
    ).value
  );
  return all.reduce((sum, value) => sum + value, 0) / all.length;
}

function repeated(nearest: NearestRows, draws: Uint16Array): NearestRows {
  const rows: number[] = [];
  draws.forEach((times, row) => {
    for (let i = 0; i < times; i++) rows.push(row);
  });
  const taken = <T extends Uint8Array | Uint32Array | Float64Array>(
    values: T,
  ) => values.map((_, i) => values[rows[i]]) as T;
  return {
    index: taken(nearest.index),
    distance: taken(nearest.distance),
    correct: taken(nearest.correct),
    ownIsNearest: taken(nearest.ownIsNearest),
    tied: taken(nearest.tied),
  };
}

async function describe(describer: Describer, patches: Uint8Array) {
  return {
    values: await describer.describe(patches, stripSidePixels),
    dimension: describer.dimension,
  };
}

const { _: [folder = "", ...models] } = parseArgs(Deno.args, { string: ["_"] });
const set = await readImagePairs(folder);
const pairs: PairPatches[] = [];
for (const [number, { left, right, truth }] of set.pairs.entries()) {
  if (truth.kind !== "homography") {
    throw new TypeError(`${folder} has poses, and homographies are wanted`);
  }
  const [leftPlane, rightPlane] = [
    planeOf(await readGreyImage(set.images[left])),
    planeOf(await readGreyImage(set.images[right])),
  ];
  pairs.push(cutPair(leftPlane, rightPlane, truth.matrix, number));
}
const counts = pairs.map(({ reference }) =>
  reference.length / (stripSidePixels * stripSidePixels)
);
using gpu = await openGpu();
console.log(
  `${pairs.length} pairs, ${
    counts.join(" + ")
  } keypoints; matching mAP % (95 % interval over keypoints)\n`,
);
console.log(
  "| descriptor | easy | hard | tough | mean of the three |\n| --- | ---: | ---: | ---: | ---: |",
);
for (const named of ["rootsift", ...models]) {
  const opened = await openNamed(named, gpu);
  using describer = opened.describer;
  const byKind: NearestRows[][] = kinds.map(() => []);
  for (const { reference, others } of pairs) {
    const rows = await describe(describer, reference);
    for (const [at, kind] of kinds.entries()) {
      byKind[at].push(
        nearestRows(rows, await describe(describer, others[kind]), "L2"),
      );
    }
  }
  const drawn = counts.map((count) =>
    drawSequences(count, { replicates, seed })
  );
  const figures = (draws?: readonly Uint16Array[]) => {
    const three = byKind.map((nearest) => meanPrecision(nearest, draws));
    return [...three, three.reduce((sum, value) => sum + value, 0) / 3];
  };
  const values = figures();
  const all = Array.from(
    { length: replicates },
    (_, replicate) => figures(drawn.map((draws) => draws[replicate])),
  );
  const cells = values.map((value, at) =>
    intervalText(100 * value, all.map((one) => 100 * one[at]), 1)
  );
  console.log(`| ${opened.name} | ${cells.join(" | ")} |`);
}
