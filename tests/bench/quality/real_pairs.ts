/**
 * How many matches of real photographs are right: four pairs of Debian's `opencv-doc`, matched as `match` does on the same keypoints for all
 * descriptors. The truth of graf (a homography) and aloe (a map of disparities) comes with them, that of box (a homography) and leuven (a
 * fundamental matrix) is what RootSIFT's surest matches agree on.
 *
 *     DENO_WEBGPU_BACKEND=vulkan,metal,dx12 deno run --allow-read --allow-env tests/bench/quality/real_pairs.ts EXAMPLES NAME=MODEL…
 *
 * EXAMPLES is the package's folder `examples/data`. Prints Markdown: matches and right ones, with 95 % intervals by bootstrap over the left
 * photograph's keypoints, and how many more than RootSIFT's these are, on the same draws; then HPatches' matching mAP, which asks for no
 * ratio, of small and large keypoints apart, and for aloe of those whose patch lies at one depth; then, for graf, the area under the curve of
 * the estimated homography's mean corner error over random halves of its keypoints, since a single estimate is an accident of one draw.
 */
import { parseArgs } from "@std/cli/parse-args";
import { RandomStream } from "../../../data/random.ts";
import { detectKeypoints } from "../../../features/mod.ts";
import { openGpu } from "../../../gpu/mod.ts";
import { drawSequences } from "../../../pipeline/evaluation/bootstrap.ts";
import { areasUnderCurve } from "../../../pipeline/metrics/image_pairs.ts";
import {
  cornerErrorOf,
  countCells,
  countHeads,
  describeKeypoints,
  isJudged,
  type JudgedMatch,
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
import { openCompared } from "./named_describer.ts";
import {
  mostKeypoints,
  type OpencvPair,
  readOpencvPairs,
} from "./opencv_pairs.ts";

const seed = 211;
const replicates = 1000;
const halves = 200;
const cornerPixels = [3, 5, 10];

/** Areas under the curve of the corner error over random halves of the left keypoints, the same ones for every descriptor. */
function cornerAreas(
  { left, homography = [] }: OpencvPair,
  matches: readonly JudgedMatch[],
): number[] {
  const errors = Array.from({ length: halves }, (_, half) => {
    const stream = new RandomStream(seed, "halves", half);
    const isDrawn = Array.from(
      { length: mostKeypoints },
      () => stream.uniform() < 0.5,
    );
    const drawn = matches.filter(({ leftKeypoint }) => isDrawn[leftKeypoint]);
    return cornerErrorOf(drawn, homography, left);
  });
  return areasUnderCurve(errors, cornerPixels);
}

const { _: [folder = "", ...models] } = parseArgs(Deno.args, { string: ["_"] });
using gpu = await openGpu();
using owned = new DisposableStack();
const describers = await openCompared(models, gpu, owned);
const pairs = await readOpencvPairs(folder, describers[0][1]);
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
  for (const [kind, isOf] of Object.entries(pair.kinds)) {
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
