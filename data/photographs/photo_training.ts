import type { Homography } from "../../features/geometry/homography.ts";
import { planeOf } from "../../features/images/plane.ts";
import { SamplingStack } from "../../features/patches/sampling_stack.ts";
import { DataError } from "../errors.ts";
import { PackedPatchesWriter } from "../patches/packed_patches_writer.ts";
import { RandomStream } from "../random.ts";
import type { OnRegions } from "./album.ts";
import { DepthEdge } from "./depth_edges.ts";
import { detectorView } from "./detector_views.ts";
import {
  type KeypointKind,
  type KeypointOptions,
  labelPlaces,
} from "./label_places.ts";
import { type DrawView, PatchCutter } from "./photo_patches.ts";
import { type PhotographFile, readPhotograph } from "./photographs.ts";
import { trainingRegionView } from "./region_views.ts";

/** How a label's views differ: by HPatches' noise of regions, as a detector and a camera differ, or by turns. */
export type ViewKind = "regions" | "detector" | "both";

/** What decides the training set. */
export interface TrainingPatchOptions extends KeypointOptions {
  /** Labels wanted over all photographs. */
  patchSets: number;
  /** Labels that every photograph must give at least; −1 for no bound. */
  leastSetsPerImage: number;
  /** Labels that a photograph gives at most; −1 for no bound. */
  mostSetsPerImage: number;
  /** Patches of every label. */
  views: number;
  keypoints: KeypointKind;
  viewNoise: ViewKind;
  /** Share of the labels with another surface beside them, 0 … 1. */
  depthEdges: number;
  /** Whether views have pixels and noise of a camera's own. */
  cameraGrain: boolean;
}

/** Called after each unit of work; throw to stop. */
export type OnProgress = (done: number, total: number) => void;

/** What was written. */
export interface WrittenPatches {
  patches: number;
  labels: number;
  /** Labels of each photograph, in their order. */
  labelsPerImage: number[];
}

/** How view number `view` of a label is drawn. */
function viewOf(kind: ViewKind, view: number): DrawView {
  const isDetector = kind === "detector" || (kind === "both" && view % 2 === 0);
  return isDetector ? detectorView : trainingRegionView;
}

/** The depth edge beside a label; undefined where it has none. */
function drawEdge(
  region: Homography,
  photograph: SamplingStack,
  label: number,
  { seed, depthEdges }: TrainingPatchOptions,
): DepthEdge | undefined {
  const stream = new RandomStream(seed, "depth edge", label);
  if (!stream.chance(depthEdges)) return undefined;
  return new DepthEdge(region, photograph, stream);
}

/**
 * Cuts the training set out of photographs: `patchSets` keypoints (labels 0, 1, …) of `views` patches each, shared out among the
 * photographs in proportion to their weights, but within the bounds for each photograph. Patches of a label
 * stand next to each other, the photograph's own view first. Two photographs never share a label.
 * A photograph without room for its share gives what it has room for.
 * @param onRegions is told the labels' regions
 * @throws {DataError} when the bounds contradict each other or a photograph has room for fewer labels than the lower one
 */
export async function writeTrainingPatches(
  path: string,
  photographs: readonly PhotographFile[],
  options: TrainingPatchOptions,
  onProgress: OnProgress = () => {},
  onRegions: OnRegions = () => {},
): Promise<WrittenPatches> {
  requireBounds(photographs.length, options);
  const places = labelPlaces(options.keypoints, options);
  const weights: number[] = [];
  for (let image = 0; image < photographs.length; image++) {
    const plane = planeOf(await readPhotograph(photographs[image]));
    weights.push(places.weigh(plane, image));
  }
  const shares = shareOut(options.patchSets, weights, bounds(options));
  const total = shares.reduce((sum, share) => sum + share, 0);
  const labelsPerImage: number[] = [];
  using writer = await PackedPatchesWriter.create(path);
  let label = 0;
  for (let image = 0; image < photographs.length; image++) {
    const plane = planeOf(await readPhotograph(photographs[image]));
    const photograph = new SamplingStack(plane);
    const cutter = new PatchCutter(photograph, options.seed, "training view");
    const regions = places.choose(photograph, plane, image, shares[image]);
    requireEnough(
      regions.length,
      photographs[image],
      options.leastSetsPerImage,
    );
    for (const region of regions) {
      const besides = {
        edge: drawEdge(region, photograph, label, options),
        hasGrain: options.cameraGrain,
      };
      for (let view = 0; view < options.views; view++) {
        const drawView = viewOf(options.viewNoise, view);
        writer.append(
          cutter.cut(region, label, view, drawView, besides),
          label,
        );
      }
      label++;
      if (label % 50 === 0) onProgress(label, total);
    }
    labelsPerImage.push(regions.length);
    onRegions(image, plane, regions);
  }
  await writer.finish();
  onProgress(total, total);
  return { patches: label * options.views, labels: label, labelsPerImage };
}

function bounds(
  options: Pick<
    TrainingPatchOptions,
    "leastSetsPerImage" | "mostSetsPerImage"
  >,
): { least: number; most: number } {
  return {
    least: Math.max(0, options.leastSetsPerImage),
    most: options.mostSetsPerImage < 0 ? Infinity : options.mostSetsPerImage,
  };
}

/**
 * Requires that the bounds of labels in each photograph can be kept.
 * @param images photographs to train on
 * @throws {DataError} when they contradict each other
 */
export function requireBounds(
  images: number,
  options: Pick<
    TrainingPatchOptions,
    "patchSets" | "leastSetsPerImage" | "mostSetsPerImage"
  >,
): void {
  const { least, most } = bounds(options);
  if (least > most) {
    throw new DataError({
      attempt: "share out the patch sets",
      where: "download.min_sets_per_img",
      found: `${least}`,
      wanted: `at most max_sets_per_img = ${most}`,
    });
  }
  if (least * images > options.patchSets) {
    throw new DataError({
      attempt: "share out the patch sets",
      where: "download.patch_sets",
      found: `${options.patchSets}`,
      wanted: `at least min_sets_per_img · images = ${least} · ${images}`,
    });
  }
}

function requireEnough(
  room: number,
  photograph: PhotographFile,
  least: number,
) {
  if (room >= Math.max(1, least)) return;
  throw new DataError({
    attempt: "cut training patches",
    where: photograph.path,
    found: `room for ${room} keypoints`,
    wanted: `at least ${Math.max(1, least)}`,
    remedy:
      "remove the image, or change min_sets_per_img, sigmas_v or weight_function",
  });
}

/**
 * Whole shares of `count` proportional to `weights`, each within the bounds: photographs that the proportion would put outside
 * get their bound, the rest is shared among the others, and the largest fractions are rounded up.
 */
export function shareOut(
  count: number,
  weights: readonly number[],
  { least, most }: { least: number; most: number },
): number[] {
  const ideal = (level: number) =>
    weights.map((weight) => Math.min(most, Math.max(least, weight * level)));
  const sum = (values: number[]) =>
    values.reduce((total, value) => total + value, 0);
  const wanted = Math.min(count, most * weights.length);
  const smallest = Math.min(...weights.filter((weight) => weight > 0));
  let low = 0;
  let high = Number.isFinite(smallest) ? (wanted + 1) / smallest : 1;
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (sum(ideal(middle)) < wanted) low = middle;
    else high = middle;
  }
  const exact = ideal(high);
  const shares = exact.map(Math.floor);
  const order = exact.map((_, i) => i)
    .sort((a, b) => (exact[b] - shares[b]) - (exact[a] - shares[a]) || a - b);
  let missing = Math.min(Math.round(sum(exact)), wanted) - sum(shares);
  for (const i of order) {
    if (missing <= 0) break;
    if (shares[i] >= most) continue;
    shares[i]++;
    missing--;
  }
  return shares;
}
