/**
 * How many matches are right where there is depth: pairs of pictures of made-up scenes, three flat layers one before the other whose textures
 * are the bundled photographs that the configs hold out, matched as `match` does on the same keypoints for all descriptors.
 *
 *     DENO_WEBGPU_BACKEND=vulkan,metal,dx12 deno run --allow-read --allow-env tests/bench/quality/relief_pairs.ts NAME=MODEL…
 *
 * Prints Markdown: how many left keypoints there are; matches and right ones, with 95 % intervals by bootstrap over the pairs, and how many more
 * than RootSIFT's these are, on the same draws. Matches of places that the right picture hides or does not reach are not counted, as those
 * of unknown truth in real_pairs.ts are not; the last columns tell how many these are and what share is right where they count as wrong.
 * All of it for all left keypoints, and apart for those whose patch shows one layer alone in both pictures and those at a depth edge.
 * A network that trained on these photographs as well, as the published one did, has an advantage here that it has nowhere else.
 */
import { parseArgs } from "@std/cli/parse-args";
import {
  listPhotographs,
  readPhotograph,
} from "../../../data/photographs/photographs.ts";
import { RandomStream } from "../../../data/random.ts";
import { detectKeypoints, type Keypoint } from "../../../features/mod.ts";
import { planeOf } from "../../../features/images/plane.ts";
import { SamplingStack } from "../../../features/patches/sampling_stack.ts";
import { openGpu } from "../../../gpu/mod.ts";
import { drawSequences } from "../../../pipeline/evaluation/bootstrap.ts";
import {
  countCells,
  countHeads,
  describeKeypoints,
  isJudged,
  type JudgedMatch,
  type JudgedPair,
  judgedRatios,
  judgeMatches,
  rightPixels,
} from "./judged_matches.ts";
import {
  haveCounterparts,
  matchingPrecision,
  meanPrecision,
  nearestMatches,
  precisionCells,
  precisionHeads,
} from "./nearest_matches.ts";
import { openCompared } from "./named_describer.ts";
import { ReliefScene, takePictures } from "./relief_scene.ts";

const seed = 211;
const replicates = 1000;
const pairsPerPhotograph = 6;
/** Textures of a scene, each of another photograph, so that no content is there twice. */
const photographs = 3;
const size = { width: 640, height: 480 };
const photometricStrength = 1;
const mostKeypoints = 1000;

/** Which left keypoints a row counts. */
const classes = {
  all: () => true,
  "within one layer": (isAtEdge: boolean) => !isAtEdge,
  "at a depth edge": (isAtEdge: boolean) => isAtEdge,
} as const;

interface ReliefMatch extends JudgedMatch {
  isAtEdge: boolean;
}

/** What is known of a left keypoint before anything is matched. */
interface LeftKeypoint {
  isAtEdge: boolean;
  isShown: boolean;
  hasCounterpart: boolean;
}

function pairOf(scene: ReliefScene, stream: RandomStream): JudgedPair {
  return {
    ...takePictures(scene, photometricStrength, stream),
    errorPixels: ([x, y], right) => {
      const truth = scene.rightPlace(x, y);
      return truth === undefined
        ? NaN
        : Math.hypot(truth.x - right[0], truth.y - right[1]);
    },
  };
}

function leftKeypointsOf(
  scene: ReliefScene,
  pair: JudgedPair,
  keypoints: readonly (readonly Keypoint[])[],
): LeftKeypoint[] {
  const counterparts = haveCounterparts(pair, keypoints);
  return keypoints[0].map((keypoint, number) => ({
    isAtEdge: scene.isAtEdge(keypoint),
    isShown: scene.rightPlace(keypoint.x, keypoint.y) !== undefined,
    hasCounterpart: counterparts[number],
  }));
}

/** Counts of matches of known truth, then how many others there are and the share that is right of all. */
function cellsOf(
  matches: readonly ReliefMatch[],
  reference: readonly ReliefMatch[],
  draws: readonly Uint16Array[],
): string[] {
  const judged = matches.filter(isJudged);
  const referenceJudged = matches === reference
    ? judged
    : reference.filter(isJudged);
  const right = judged.filter(({ errorPixels }) => errorPixels <= rightPixels);
  return [
    ...countCells(judged, draws, referenceJudged),
    String(matches.length - judged.length),
    (100 * right.length / matches.length).toFixed(1),
  ];
}

const { _: models } = parseArgs(Deno.args, { string: ["_"] });
const { heldOut } = await listPhotographs("", photographs);
const textures = await Promise.all(
  heldOut.map(async (file) =>
    new SamplingStack(planeOf(await readPhotograph(file)))
  ),
);
using gpu = await openGpu();
using owned = new DisposableStack();
const describers = await openCompared(models.map(String), gpu, owned);
const pairs = heldOut.length * pairsPerPhotograph;
const leftKeypoints: LeftKeypoint[] = [];
/** [ratios][descriptors] */
const outcomes: ReliefMatch[][][] = judgedRatios.map(() =>
  describers.map(() => [])
);
/** [classes][descriptors][pairs] */
const precisions: number[][][] = Object.keys(classes).map(() =>
  describers.map(() => [])
);
for (let unit = 0; unit < pairs; unit++) {
  const photograph = unit % photographs;
  const number = Math.floor(unit / photographs);
  const stream = new RandomStream(seed, "relief pair", photograph, number);
  const layers = [0, 1 + number % 2, 2 - number % 2].map((step) =>
    textures[(photograph + step) % photographs]
  );
  const scene = ReliefScene.draw(layers, size, stream);
  const pair = pairOf(scene, stream);
  const keypoints = [pair.left, pair.right].map((picture) =>
    detectKeypoints(picture, { most: mostKeypoints })
  );
  const known = leftKeypointsOf(scene, pair, keypoints);
  leftKeypoints.push(...known);
  for (const [at, [, describer]] of describers.entries()) {
    const rows = [
      await describeKeypoints(describer, pair.left, keypoints[0]),
      await describeKeypoints(describer, pair.right, keypoints[1]),
    ];
    Object.values(classes).forEach((isOf, of) => {
      const counted = known.map(({ isAtEdge, hasCounterpart }) =>
        hasCounterpart && isOf(isAtEdge)
      );
      precisions[of][at].push(matchingPrecision(
        nearestMatches(pair, keypoints, counted, rows, describer.dimension),
      ));
    });
    judgedRatios.forEach((ratio, of) =>
      outcomes[of][at].push(
        ...judgeMatches(pair, keypoints, rows, describer.dimension, ratio)
          .map((match) => {
            const { isAtEdge } = known[match.leftKeypoint];
            return { ...match, unit, isAtEdge };
          }),
      )
    );
  }
}
console.log(
  `${pairs} pairs of ${size.width}×${size.height} pixels\n\n` +
    `| left keypoints | in all | shown in the right picture | with a keypoint within ${rightPixels} px there |\n` +
    "| --- | ---: | ---: | ---: |",
);
for (const [name, isOf] of Object.entries(classes)) {
  const members = leftKeypoints.filter(({ isAtEdge }) => isOf(isAtEdge));
  const counts = [
    members.length,
    members.filter(({ isShown }) => isShown).length,
    members.filter(({ hasCounterpart }) => hasCounterpart).length,
  ];
  console.log(`| ${[name, ...counts].join(" | ")} |`);
}
const draws = drawSequences(pairs, { replicates, seed });
console.log(
  `\n| left keypoints | descriptor | ${
    precisionHeads.join(" | ")
  } |\n| --- | --- | ---: | ---: |`,
);
Object.keys(classes).forEach((name, of) => {
  const drawn = precisions[of].map((byPair) =>
    draws.map((one) => meanPrecision(byPair, one))
  );
  describers.forEach(([descriptor], at) => {
    const cells = precisionCells(
      meanPrecision(precisions[of][at]),
      drawn[at],
      meanPrecision(precisions[of][0]),
      drawn[0],
    );
    console.log(`| ${[name, descriptor, ...cells].join(" | ")} |`);
  });
});
console.log(
  `\n| left keypoints | ratio | descriptor | ${
    countHeads.join(" | ")
  } | matches of hidden places | right % where these count as wrong |\n` +
    "| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
);
for (const [name, isOf] of Object.entries(classes)) {
  judgedRatios.forEach((ratio, of) => {
    const ofClass = outcomes[of].map((matches) =>
      matches.filter(({ isAtEdge }) => isOf(isAtEdge))
    );
    for (const [at, [descriptor]] of describers.entries()) {
      const cells = cellsOf(ofClass[at], ofClass[0], draws);
      console.log(
        `| ${[name, ratio.toFixed(2), descriptor, ...cells].join(" | ")} |`,
      );
    }
  });
}
