import { dirname, join } from "@std/path";
import { DataError } from "../errors.ts";
import type { OnRegions } from "./album.ts";
import { regionOf } from "./geometric_noise.ts";
import { discOverlap, type Keypoint } from "./keypoint_discs.ts";
import { drawKeypoints } from "./keypoints.ts";
import { PackedPatchesWriter } from "../patches/packed_patches_writer.ts";
import { PatchCutter } from "./photo_patches.ts";
import { testRegionView } from "./region_views.ts";
import { type KeypointOptions, mapsOf } from "./label_places.ts";
import type { OnProgress } from "./photo_training.ts";
import { type PhotographFile, readPhotograph } from "./photographs.ts";
import { planeOf } from "../../features/images/plane.ts";
import { chooseDistinct, RandomStream, shuffle } from "../random.ts";
import { SamplingStack } from "../../features/patches/sampling_stack.ts";

/** What decides the test pairs. */
export interface TestPairOptions extends KeypointOptions {
  /** Pairs in all, half of them matching; even. */
  testPairs: number;
}

/** Views of a label, and matching pairs that a label gives: half of the six pairs that four views make. */
const viewsOfLabel = 4;
const pairsPerLabel = 3;

/** Labels that so many pairs are drawn from when the photographs have room for them. */
export function labelsOfPairs(testPairs: number): number {
  return Math.max(2, Math.ceil(testPairs / 2 / pairsPerLabel));
}

/** A test label's place. */
interface TestPoint {
  photograph: number;
  keypoint: Keypoint;
}

/**
 * Writes a PhotoTour-like test set out of the held-out photographs: `patches.bin` (four views of every label) and `pairs.txt` with
 * `testPairs` lines `patch1 label1 0 patch2 label2 0`, half matching (two views of a label), in mixed order. Patches of a
 * non-matching pair show places whose regions do not touch, or different photographs.
 * @param onRegions is told the labels' regions
 * @throws {DataError} when the photographs have room for fewer than two labels
 */
export async function writeTestPairs(
  directory: string,
  photographs: readonly PhotographFile[],
  options: TestPairOptions,
  onProgress: OnProgress = () => {},
  onRegions: OnRegions = () => {},
): Promise<{ labels: number; pairs: number }> {
  const labelsWanted = labelsOfPairs(options.testPairs);
  const points: TestPoint[] = [];
  await Deno.mkdir(directory, { recursive: true });
  using writer = await PackedPatchesWriter.create(
    join(directory, "patches.bin"),
  );
  for (let photograph = 0; photograph < photographs.length; photograph++) {
    const plane = planeOf(await readPhotograph(photographs[photograph]));
    const cutter = new PatchCutter(
      new SamplingStack(plane),
      options.seed,
      "test view",
    );
    const wanted = Math.ceil(
      (labelsWanted - points.length) / (photographs.length - photograph),
    );
    const keypoints = drawKeypoints(
      mapsOf(plane, options),
      wanted,
      options.seed,
      "test keypoints",
      photograph,
      (keypoint) => cutter.hasContrast(regionOf(keypoint)),
    );
    for (const keypoint of keypoints) {
      const label = points.length;
      // Views 1 … 4: the photograph's own view would make half of the pairs easier than two cameras ever are.
      for (let view = 1; view <= viewsOfLabel; view++) {
        writer.append(
          cutter.cut(regionOf(keypoint), label, view, testRegionView),
          label,
        );
      }
      points.push({ photograph, keypoint });
    }
    onProgress(points.length, labelsWanted);
    onRegions(photograph, plane, keypoints.map(regionOf));
  }
  if (points.length < 2) {
    throw new DataError({
      attempt: "cut test pairs",
      where: dirname(photographs[0].path),
      found: `room for ${points.length} keypoints in the held-out images`,
      wanted: "at least 2",
      remedy: "hold out other images, or change sigmas_v or weight_function",
    });
  }
  await writer.finish();
  const lines = drawPairLines(points, options);
  await Deno.writeTextFile(
    join(directory, "pairs.txt"),
    lines.join("\n") + "\n",
  );
  return { labels: points.length, pairs: lines.length };
}

function drawPairLines(
  points: TestPoint[],
  options: TestPairOptions,
): string[] {
  const lines: string[] = [];
  const views = Uint32Array.from({ length: viewsOfLabel }, (_, i) => i);
  const line = (first: number, a: number, second: number, b: number) =>
    `${first * viewsOfLabel + a} ${first} 0 ${
      second * viewsOfLabel + b
    } ${second} 0`;
  const order = Uint32Array.from(points, (_, i) => i);
  shuffle(order, new RandomStream(options.seed, "test labels"));
  for (let pair = 0; pair < options.testPairs / 2; pair++) {
    const stream = new RandomStream(options.seed, "test pair", pair);
    const label = order[pair % order.length];
    const [a, b] = chooseDistinct(2, views, stream);
    lines.push(line(label, a, label, b));
    const [first, second] = drawStrangers(points, stream);
    lines.push(
      line(
        first,
        stream.integer(viewsOfLabel),
        second,
        stream.integer(viewsOfLabel),
      ),
    );
  }
  return shuffle(lines, new RandomStream(options.seed, "test pair order"));
}

/** Two labels whose regions do not touch; any two different ones when a hundred draws find none. */
function drawStrangers(
  points: TestPoint[],
  stream: RandomStream,
): [number, number] {
  for (let attempt = 0;; attempt++) {
    const first = stream.integer(points.length);
    const second = (first + 1 + stream.integer(points.length - 1)) %
      points.length;
    const a = points[first];
    const b = points[second];
    const apart = a.photograph !== b.photograph ||
      discOverlap(a.keypoint, b.keypoint) === 0;
    if (apart || attempt === 100) return [first, second];
  }
}
