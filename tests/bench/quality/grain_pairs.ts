/**
 * How well keypoints are matched between pictures that have no grain in common: pairs of pictures that two cameras take of the bundled
 * photographs that the configs hold out, each with pixels, noise and compression of its own, the same keypoints for all descriptors.
 *
 *     DENO_WEBGPU_BACKEND=vulkan,metal,dx12 deno run --allow-read --allow-env tests/bench/quality/grain_pairs.ts NAME=MODEL…
 *
 * Prints Markdown: HPatches' matching mAP of the left keypoints that have a right one within 3 pixels of the truth, with 95 % intervals by
 * bootstrap over the pairs, and how many points it lies above RootSIFT's, on the same draws; for all, and apart for small and large ones. Then,
 * matched as `match` does, matches and right ones, and the area under the curve of the estimated homographies' mean corner error.
 * A network that trained on these photographs as well, as the published one did, has an advantage here that it has nowhere else.
 */
import { parseArgs } from "@std/cli/parse-args";
import {
  listPhotographs,
  readPhotograph,
} from "../../../data/photographs/photographs.ts";
import { RandomStream } from "../../../data/random.ts";
import { detectKeypoints } from "../../../features/mod.ts";
import { planeOf } from "../../../features/images/plane.ts";
import { SamplingStack } from "../../../features/patches/sampling_stack.ts";
import { openGpu } from "../../../gpu/mod.ts";
import { drawSequences } from "../../../pipeline/evaluation/bootstrap.ts";
import {
  areasUnderCurve,
  transferErrors,
} from "../../../pipeline/metrics/image_pairs.ts";
import { drawGrainPair, type GrainPair } from "./grain_pair.ts";
import { intervalText } from "./interval_text.ts";
import {
  cornerErrorOf,
  countCells,
  countHeads,
  describeKeypoints,
  type JudgedMatch,
  type JudgedPair,
  judgedRatios,
  judgeMatches,
  keypointSizes,
} from "./judged_matches.ts";
import { openCompared } from "./named_describer.ts";
import {
  haveCounterparts,
  matchingPrecision,
  meanPrecision,
  nearestMatches,
  precisionCells,
  precisionHeads,
} from "./nearest_matches.ts";

const seed = 223;
const replicates = 1000;
const pairsPerPhotograph = 12;
const mostKeypoints = 500;
const cornerPixels = [1, 3, 5];

/** Descriptors' outcomes with one ratio, [descriptors]. */
interface RatioOutcome {
  ratio: number;
  matches: JudgedMatch[][];
  /** [descriptors][pairs] */
  cornerErrors: number[][];
}

function judged({ left, right, toRight }: GrainPair): JudgedPair {
  return {
    left,
    right,
    errorPixels: (from, to) => transferErrors(toRight, from, to)[0],
  };
}

const { _: models } = parseArgs(Deno.args, { string: ["_"] });
const { heldOut } = await listPhotographs("", 3);
using gpu = await openGpu();
using owned = new DisposableStack();
const describers = await openCompared(models.map(String), gpu, owned);
const sizes = Object.entries(keypointSizes);
const counts = sizes.map(() => 0);
/** [sizes][descriptors][pairs] */
const precisions: (number | undefined)[][][] = sizes.map(() =>
  describers.map(() => [])
);
const outcomes: RatioOutcome[] = judgedRatios.map((ratio) => ({
  ratio,
  matches: describers.map(() => []),
  cornerErrors: describers.map(() => []),
}));
for (const [number, file] of heldOut.entries()) {
  const photograph = new SamplingStack(planeOf(await readPhotograph(file)));
  for (let of = 0; of < pairsPerPhotograph; of++) {
    const drawn = drawGrainPair(
      photograph,
      new RandomStream(seed, "grain pair", number, of),
    );
    const pair = judged(drawn);
    const unit = number * pairsPerPhotograph + of;
    const keypoints = [pair.left, pair.right].map((picture) =>
      detectKeypoints(picture, { most: mostKeypoints })
    );
    const counterparts = haveCounterparts(pair, keypoints);
    for (const [at, [, describer]] of describers.entries()) {
      const rows = [
        await describeKeypoints(describer, pair.left, keypoints[0]),
        await describeKeypoints(describer, pair.right, keypoints[1]),
      ];
      const nearest = nearestMatches(
        pair,
        keypoints,
        counterparts,
        rows,
        describer.dimension,
      );
      sizes.forEach(([, isOf], size) => {
        const ofSize = nearest.filter(({ leftKeypoint }) =>
          isOf(keypoints[0][leftKeypoint])
        );
        if (at === 0) counts[size] += ofSize.length;
        precisions[size][at].push(
          ofSize.length > 0 ? matchingPrecision(ofSize) : undefined,
        );
      });
      for (const { ratio, matches, cornerErrors } of outcomes) {
        const found = judgeMatches(
          pair,
          keypoints,
          rows,
          describer.dimension,
          ratio,
        )
          .map((match) => ({ ...match, unit }));
        matches[at].push(...found);
        cornerErrors[at].push(cornerErrorOf(found, drawn.toRight, pair.left));
      }
    }
  }
}
const draws = drawSequences(heldOut.length * pairsPerPhotograph, {
  replicates,
  seed,
});
console.log(
  `${heldOut.length * pairsPerPhotograph} pairs\n\n` +
    `| left keypoints | in all | descriptor | ${
      precisionHeads.join(" | ")
    } |\n| --- | ---: | --- | ---: | ---: |`,
);
sizes.forEach(([name], size) => {
  const drawn = precisions[size].map((byPair) =>
    draws.map((one) => meanPrecision(byPair, one))
  );
  describers.forEach(([descriptor], at) => {
    const cells = precisionCells(
      meanPrecision(precisions[size][at]),
      drawn[at],
      meanPrecision(precisions[size][0]),
      drawn[0],
    );
    console.log(
      `| ${[name, counts[size], descriptor, ...cells].join(" | ")} |`,
    );
  });
});
console.log(
  `\n| ratio | descriptor | ${countHeads.join(" | ")} | corner AUC % up to ${
    cornerPixels.join(" px | ")
  } px |\n| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |`,
);
for (const { ratio, matches, cornerErrors } of outcomes) {
  describers.forEach(([descriptor], at) => {
    const areas = areasUnderCurve(cornerErrors[at], cornerPixels);
    const drawn = draws.map((one) =>
      areasUnderCurve(
        cornerErrors[at].flatMap((error, pair) =>
          Array<number>(one[pair]).fill(error)
        ),
        cornerPixels,
      )
    );
    const cells = [
      ...countCells(matches[at], draws, matches[0]),
      ...areas.map((area, bound) =>
        intervalText(100 * area, drawn.map((one) => 100 * one[bound]), 1)
      ),
    ];
    console.log(`| ${[ratio.toFixed(2), descriptor, ...cells].join(" | ")} |`);
  });
}
