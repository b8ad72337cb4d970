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
import { detectKeypoints, estimateHomography } from "../../../features/mod.ts";
import { openGpu } from "../../../gpu/mod.ts";
import type { Describer } from "../../../pipeline/descriptors/describers.ts";
import { drawSequences } from "../../../pipeline/evaluation/bootstrap.ts";
import {
  areasUnderCurve,
  cornerErrorPixels,
  transferErrors,
} from "../../../pipeline/metrics/image_pairs.ts";
import {
  countCells,
  countHeads,
  describeKeypoints,
  isJudged,
  type JudgedMatch,
  type JudgedPair,
  judgedRatios,
  judgeMatches,
} from "./judged_matches.ts";
import {
  haveCounterparts,
  matchingPrecision,
  nearestMatches,
  precisionCells,
  precisionHeads,
} from "./nearest_matches.ts";
import { openNamed } from "./named_describer.ts";

const seed = 211;
const replicates = 1000;
const halves = 200;
const mostKeypoints = 2000;
const cornerPixels = [3, 5, 10];

interface RealPair extends JudgedPair {
  name: string;
  homography?: readonly number[];
}

async function graf(folder: string): Promise<RealPair> {
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

async function aloe(folder: string): Promise<RealPair> {
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

/** Areas under the curve of the corner error over random halves of the left keypoints, the same ones for every descriptor. */
function cornerAreas(
  { left, homography = [] }: RealPair,
  matches: readonly JudgedMatch[],
): number[] {
  const errors = Array.from({ length: halves }, (_, half) => {
    const stream = new RandomStream(seed, "halves", half);
    const isDrawn = Array.from(
      { length: mostKeypoints },
      () => stream.uniform() < 0.5,
    );
    const drawn = matches.filter(({ leftKeypoint }) => isDrawn[leftKeypoint]);
    const found = estimateHomography({
      left: Float64Array.from(drawn.flatMap(({ left }) => left)),
      right: Float64Array.from(drawn.flatMap(({ right }) => right)),
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
  `| pair | ratio | descriptor | ${countHeads.join(" | ")} |\n` +
    "| --- | ---: | --- | ---: | ---: | ---: | ---: |",
);
const corners: string[] = [];
const precisions: string[] = [];
for (const pair of pairs) {
  const keypoints = [pair.left, pair.right].map((picture) =>
    detectKeypoints(picture, { most: mostKeypoints })
  );
  const draws = drawSequences(keypoints[0].length, { replicates, seed });
  const rows: Float32Array[][] = [];
  for (const [, describer] of describers) {
    rows.push([
      await describeKeypoints(describer, pair.left, keypoints[0]),
      await describeKeypoints(describer, pair.right, keypoints[1]),
    ]);
  }
  const counterparts = haveCounterparts(pair, keypoints);
  const nearest = describers.map(([, { dimension }], at) =>
    nearestMatches(pair, keypoints, counterparts, rows[at], dimension)
  );
  const drawn = nearest.map((matches) =>
    draws.map((one) => matchingPrecision(matches, one))
  );
  for (const [at, [name]] of describers.entries()) {
    const cells = precisionCells(
      matchingPrecision(nearest[at]),
      drawn[at],
      matchingPrecision(nearest[0]),
      drawn[0],
    );
    precisions.push(
      `| ${[pair.name, nearest[at].length, name, ...cells].join(" | ")} |`,
    );
  }
  for (const ratio of judgedRatios) {
    const outcomes = describers.map(([, { dimension }], at) =>
      judgeMatches(pair, keypoints, rows[at], dimension, ratio)
        .filter(isJudged)
    );
    for (const [at, [name]] of describers.entries()) {
      const cells = countCells(outcomes[at], draws, outcomes[0]);
      console.log(
        `| ${[pair.name, ratio.toFixed(2), name, ...cells].join(" | ")} |`,
      );
      if (pair.homography === undefined) continue;
      const areas = cornerAreas(pair, outcomes[at])
        .map((area) => (100 * area).toFixed(1));
      corners.push(`| ${[ratio.toFixed(2), name, ...areas].join(" | ")} |`);
    }
  }
}
console.log(
  `\nMatching mAP of the left keypoints that have a right one where the truth takes them:\n\n| pair | keypoints | descriptor | ${
    precisionHeads.join(" | ")
  } |\n| --- | ---: | --- | ---: | ---: |\n${precisions.join("\n")}`,
);
console.log(
  `\nCorners of graf over ${halves} halves, area under the curve % up to ${
    cornerPixels.join(", ")
  } px:\n\n| ratio | descriptor | ${
    cornerPixels.map((pixels) => `${pixels} px`).join(" | ")
  } |\n| ---: | --- | ---: | ---: | ---: |\n${corners.join("\n")}`,
);
