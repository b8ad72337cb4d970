/**
 * How many matches of real photographs are right: graf and aloe of Debian's `opencv-doc`, whose true correspondences come with them (a
 * homography, a map of disparities), matched as `match` does on the same keypoints for all descriptors.
 *
 *     DENO_WEBGPU_BACKEND=vulkan,metal,dx12 deno run --allow-read --allow-env tests/bench/quality/real_pairs.ts EXAMPLES NAME=MODEL…
 *
 * EXAMPLES is the package's folder `examples/data`. Prints Markdown: matches and right ones, with 95 % intervals by bootstrap over the left
 * photograph's keypoints, and how many more than RootSIFT's these are, on the same draws; then HPatches' matching mAP, which asks for no
 * ratio, of small and large keypoints apart, and for aloe of those whose patch lies at one depth; then, for graf, the area under the curve of
 * the estimated homography's mean corner error over random halves of its keypoints, since a single estimate is an accident of one draw.
 */
import { parseArgs } from "@std/cli/parse-args";
import { join } from "@std/path";
import { readGreyImage } from "../../../data/mod.ts";
import { RandomStream } from "../../../data/random.ts";
import {
  detectKeypoints,
  estimateHomography,
  type Keypoint,
} from "../../../features/mod.ts";
import { patchSideSigmas } from "../../../features/patches/patch_region.ts";
import { openGpu } from "../../../gpu/mod.ts";
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
  type KeypointKinds,
  keypointSizes,
  type Place,
} from "./judged_matches.ts";
import {
  haveCounterparts,
  matchingPrecision,
  nearestMatches,
  precisionCells,
  precisionHeads,
} from "./nearest_matches.ts";
import { openCompared } from "./named_describer.ts";

const seed = 211;
const replicates = 1000;
const halves = 200;
const mostKeypoints = 2000;
const cornerPixels = [3, 5, 10];

interface RealPair extends JudgedPair {
  name: string;
  homography?: readonly number[];
  /** Kinds of left keypoints that matching mAP is told of apart. */
  classes: KeypointKinds;
}

/** How much disparities may differ, in pixels, over a patch that shows one depth. */
const oneDepthPixels = 3;
/** Places of a patch that are looked at, along each side. */
const probes = 9;

async function graf(folder: string): Promise<RealPair> {
  const text = await Deno.readTextFile(join(folder, "H1to3p.xml"));
  const homography = /<data>([^<]*)<\/data>/.exec(text)![1].trim().split(/\s+/)
    .map(Number);
  return {
    name: "graf1, graf3",
    left: await readGreyImage(join(folder, "graf1.png")),
    right: await readGreyImage(join(folder, "graf3.png")),
    homography,
    classes: keypointSizes,
    errorPixels: (left, right) => transferErrors(homography, left, right)[0],
  };
}

async function aloe(folder: string): Promise<RealPair> {
  const { width, height, pixels } = await readGreyImage(
    join(folder, "aloeGT.png"),
  );
  /** undefined where it is not known */
  const disparityAt = ([x, y]: Place): number | undefined => {
    const [column, row] = [Math.round(x), Math.round(y)];
    const isInside = column >= 0 && row >= 0 && column < width && row < height;
    return (isInside && pixels[row * width + column]) || undefined;
  };
  /** Whether all that is known of a keypoint's patch lies at one depth. */
  const isOneDepth = ({ x, y, sigma }: Keypoint): boolean => {
    const known: number[] = [];
    for (let at = 0; at < probes ** 2; at++) {
      const across = [at % probes, Math.floor(at / probes)].map((step) =>
        (step / (probes - 1) - 0.5) * patchSideSigmas * sigma
      );
      const disparity = disparityAt([x + across[0], y + across[1]]);
      if (disparity !== undefined) known.push(disparity);
    }
    return Math.max(...known) - Math.min(...known) < oneDepthPixels;
  };
  return {
    name: "aloeL, aloeR",
    left: await readGreyImage(join(folder, "aloeL.jpg")),
    right: await readGreyImage(join(folder, "aloeR.jpg")),
    classes: {
      ...keypointSizes,
      "at one depth": isOneDepth,
      "at several depths": (keypoint) => !isOneDepth(keypoint),
    },
    errorPixels: (left, right) => {
      const disparity = disparityAt(left);
      return disparity === undefined
        ? NaN
        : Math.hypot(left[0] - disparity - right[0], left[1] - right[1]);
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
const describers = await openCompared(models, gpu, owned);
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
  for (const [kind, isOf] of Object.entries(pair.classes)) {
    const ofKind = nearest.map((matches) =>
      matches.filter(({ leftKeypoint }) => isOf(keypoints[0][leftKeypoint]))
    );
    const drawn = ofKind.map((matches) =>
      draws.map((one) => matchingPrecision(matches, one))
    );
    for (const [at, [name]] of describers.entries()) {
      const cells = [
        pair.name,
        kind,
        ofKind[at].length,
        name,
        ...precisionCells(
          matchingPrecision(ofKind[at]),
          drawn[at],
          matchingPrecision(ofKind[0]),
          drawn[0],
        ),
      ];
      precisions.push(`| ${cells.join(" | ")} |`);
    }
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
  `\nMatching mAP of the left keypoints that have a right one where the truth takes them:\n\n| pair | left keypoints | in all | descriptor | ${
    precisionHeads.join(" | ")
  } |\n| --- | --- | ---: | --- | ---: | ---: |\n${precisions.join("\n")}`,
);
console.log(
  `\nCorners of graf over ${halves} halves, area under the curve % up to ${
    cornerPixels.join(", ")
  } px:\n\n| ratio | descriptor | ${
    cornerPixels.map((pixels) => `${pixels} px`).join(" | ")
  } |\n| ---: | --- | ---: | ---: | ---: |\n${corners.join("\n")}`,
);
