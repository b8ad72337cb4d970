/**
 * How many matches of real photographs are right: graf and aloe of Debian's `opencv-doc`, whose true correspondences come with them (a
 * homography, a map of disparities), matched as `match` does on the same keypoints for all descriptors.
 *
 *     DENO_WEBGPU_BACKEND=vulkan,metal,dx12 deno run --allow-read --allow-env tests/bench/quality/real_pairs.ts EXAMPLES NAME=MODEL…
 *
 * EXAMPLES is the package's folder `examples/data`. Prints Markdown: matches and right ones, with 95 % intervals by bootstrap over the left
 * photograph's keypoints, and how many more than RootSIFT's these are, on the same draws; then, for graf, the area under the curve of the
 * estimated homography's mean corner error over random halves of its keypoints, since a single estimate is an accident of one draw.
 */
import { parseArgs } from "@std/cli/parse-args";
import { join } from "@std/path";
import { readGreyImage } from "../../../data/mod.ts";
import { RandomStream } from "../../../data/random.ts";
import {
  cutPatches,
  detectKeypoints,
  estimateHomography,
  type Keypoint,
  matchDescriptors,
} from "../../../features/mod.ts";
import { openGpu } from "../../../gpu/mod.ts";
import type { Describer } from "../../../pipeline/descriptors/describers.ts";
import { drawSequences } from "../../../pipeline/evaluation/bootstrap.ts";
import {
  areasUnderCurve,
  cornerErrorPixels,
  transferErrors,
} from "../../../pipeline/metrics/image_pairs.ts";
import { intervalText } from "./interval_text.ts";
import { openNamed } from "./named_describer.ts";

const seed = 211;
const replicates = 1000;
const halves = 200;
const mostKeypoints = 2000;
const patchSidePixels = 64;
const rightPixels = 3;
const ratios = [0.8, 0.9, 0.95];
const cornerPixels = [3, 5, 10];

type Picture = Awaited<ReturnType<typeof readGreyImage>>;
type Place = readonly [x: number, y: number];

/** Two photographs, and how far a match is from the truth in pixels: NaN where that is not known. */
interface Pair {
  name: string;
  left: Picture;
  right: Picture;
  homography?: readonly number[];
  errorPixels(left: Place, right: Place): number;
}

/** Matches by the numbers of their left keypoints, and whether each is right. */
interface Outcome {
  points: { left: number[]; right: number[] };
  leftKeypoints: number[];
  isRight: boolean[];
}

async function graf(folder: string): Promise<Pair> {
  const text = await Deno.readTextFile(join(folder, "H1to3p.xml"));
  const homography = /<data>([^<]*)<\/data>/.exec(text)![1].trim().split(/\s+/)
    .map(Number);
  return {
    name: "graf1, graf3",
    left: await readGreyImage(join(folder, "graf1.png")),
    right: await readGreyImage(join(folder, "graf3.png")),
    homography,
    errorPixels: (left, right) => transferErrors(homography, left, right)[0],
  };
}

async function aloe(folder: string): Promise<Pair> {
  const { width, pixels } = await readGreyImage(join(folder, "aloeGT.png"));
  return {
    name: "aloeL, aloeR",
    left: await readGreyImage(join(folder, "aloeL.jpg")),
    right: await readGreyImage(join(folder, "aloeR.jpg")),
    errorPixels: ([x, y], right) => {
      const disparity = pixels[Math.round(y) * width + Math.round(x)];
      if (disparity === 0) return NaN;
      return Math.hypot(x - disparity - right[0], y - right[1]);
    },
  };
}

async function rowsOf(
  describer: Describer,
  picture: Picture,
  keypoints: readonly Keypoint[],
): Promise<Float32Array> {
  const patches = cutPatches(picture, keypoints, {
    sidePixels: patchSidePixels,
  });
  return await describer.describe(patches, patchSidePixels);
}

function outcomeOf(
  pair: Pair,
  keypoints: readonly (readonly Keypoint[])[],
  rows: readonly Float32Array[],
  dimension: number,
  ratio: number,
): Outcome {
  const matches = matchDescriptors(rows[0], rows[1], dimension, { ratio });
  const outcome: Outcome = {
    points: { left: [], right: [] },
    leftKeypoints: [],
    isRight: [],
  };
  matches.left.forEach((leftKeypoint, match) => {
    const left = keypoints[0][leftKeypoint];
    const right = keypoints[1][matches.right[match]];
    const places = [[left.x, left.y], [right.x, right.y]] as const;
    const error = pair.errorPixels(...places);
    if (Number.isNaN(error)) return;
    outcome.points.left.push(...places[0]);
    outcome.points.right.push(...places[1]);
    outcome.leftKeypoints.push(leftKeypoint);
    outcome.isRight.push(error <= rightPixels);
  });
  return outcome;
}

/** How many matches there are, and right ones, each keypoint counted as often as it was drawn. */
function countDrawn({ leftKeypoints, isRight }: Outcome, draws?: Uint16Array) {
  let all = 0, right = 0;
  leftKeypoints.forEach((keypoint, match) => {
    const times = draws?.[keypoint] ?? 1;
    all += times;
    if (isRight[match]) right += times;
  });
  return { all, right };
}

function tableRow(
  pair: Pair,
  ratio: number,
  name: string,
  outcome: Outcome,
  draws: readonly Uint16Array[],
  reference: Outcome,
): string {
  const drawn = draws.map((one) => countDrawn(outcome, one));
  const { all, right } = countDrawn(outcome);
  const referenceRight = draws.map((one) => countDrawn(reference, one).right);
  const cells = [
    pair.name,
    ratio.toFixed(2),
    name,
    String(all),
    intervalText(right, drawn.map((one) => one.right), 0),
    intervalText(
      100 * right / all,
      drawn.map((one) => 100 * one.right / one.all),
      1,
    ),
    outcome === reference ? "" : intervalText(
      right - countDrawn(reference).right,
      drawn.map((one, at) => one.right - referenceRight[at]),
      0,
    ),
  ];
  return `| ${cells.join(" | ")} |`;
}

/** Areas under the curve of the corner error over random halves of the left keypoints, the same ones for every descriptor. */
function cornerAreas(
  { left, homography = [] }: Pair,
  { points, leftKeypoints }: Outcome,
): number[] {
  const errors = Array.from({ length: halves }, (_, half) => {
    const stream = new RandomStream(seed, "halves", half);
    const isDrawn = Array.from(
      { length: mostKeypoints },
      () => stream.uniform() < 0.5,
    );
    const drawn = (values: readonly number[]) =>
      Float64Array.from(
        values.filter((_, at) => isDrawn[leftKeypoints[at >> 1]]),
      );
    const found = estimateHomography({
      left: drawn(points.left),
      right: drawn(points.right),
    });
    return found.found
      ? cornerErrorPixels(found.matrix, homography, left.width, left.height)
      : Infinity;
  });
  return areasUnderCurve(errors, cornerPixels);
}

const { _: [folder = "", ...models] } = parseArgs(Deno.args, { string: ["_"] });
const pairs = [await graf(folder), await aloe(folder)];
using gpu = await openGpu();
using owned = new DisposableStack();
const describers: [name: string, describer: Describer][] = [];
for (const named of ["rootsift", ...models]) {
  const { name, describer } = await openNamed(named, gpu);
  describers.push([name, owned.use(describer)]);
}
console.log(
  "| pair | ratio | descriptor | matches | right within 3 px | right % | more right ones than RootSIFT |\n" +
    "| --- | ---: | --- | ---: | ---: | ---: | ---: |",
);
const corners: string[] = [];
for (const pair of pairs) {
  const keypoints = [pair.left, pair.right].map((picture) =>
    detectKeypoints(picture, { most: mostKeypoints })
  );
  const draws = drawSequences(keypoints[0].length, { replicates, seed });
  const rows: Float32Array[][] = [];
  for (const [, describer] of describers) {
    rows.push([
      await rowsOf(describer, pair.left, keypoints[0]),
      await rowsOf(describer, pair.right, keypoints[1]),
    ]);
  }
  for (const ratio of ratios) {
    const outcomes = describers.map(([, { dimension }], at) =>
      outcomeOf(pair, keypoints, rows[at], dimension, ratio)
    );
    for (const [at, [name]] of describers.entries()) {
      console.log(
        tableRow(pair, ratio, name, outcomes[at], draws, outcomes[0]),
      );
      if (pair.homography === undefined) continue;
      const areas = cornerAreas(pair, outcomes[at])
        .map((area) => (100 * area).toFixed(1));
      corners.push(`| ${[ratio.toFixed(2), name, ...areas].join(" | ")} |`);
    }
  }
}
console.log(
  `\nCorners of graf over ${halves} halves, area under the curve % up to ${
    cornerPixels.join(", ")
  } px:\n\n| ratio | descriptor | ${
    cornerPixels.map((pixels) => `${pixels} px`).join(" | ")
  } |\n| ---: | --- | ---: | ---: | ---: |\n${corners.join("\n")}`,
);
