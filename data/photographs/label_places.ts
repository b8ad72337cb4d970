import type { Homography } from "../../features/geometry/homography.ts";
import type { Plane } from "../../features/images/plane.ts";
import { SamplingStack } from "../../features/patches/sampling_stack.ts";
import { detectRegions } from "./detected_keypoints.ts";
import { regionOf } from "./geometric_noise.ts";
import { borderSigmas } from "./keypoint_discs.ts";
import {
  keypointMaps,
  scaleList,
  type WeightBand,
  type WeightFunction,
} from "./keypoint_map.ts";
import { drawKeypoints, totalWeight } from "./keypoints.ts";
import { PatchCutter } from "./photo_patches.ts";

/** What decides where keypoints are looked for. */
export interface KeypointOptions {
  seed: number;
  weightFunction: WeightFunction;
  /** Name of a scale list or scales in pixels separated by commas. */
  sigmasV: string;
}

/** Where training labels are: drawn by a weight map, or found by our detectors. */
export type KeypointKind = "drawn" | "detector";

/** The places in photographs that may become labels. */
export interface LabelPlaces {
  /** What the photograph's share of all labels is proportional to. */
  weigh(plane: Plane, imageNumber: number): number;
  /** Regions of up to `count` labels, from [−1, 1]² to pixels; fewer where there is no room for more. */
  choose(
    photograph: SamplingStack,
    plane: Plane,
    imageNumber: number,
    count: number,
  ): Homography[];
}

/** Of photographs up to so many pixels the weights are kept from one pass to the next. */
const mostKeptPixels = 2 ** 22;

/** The keypoint weights of a photograph for the options' scales, leaving out scales that do not fit into it. */
export function mapsOf(
  plane: Plane,
  options: KeypointOptions,
): Iterable<WeightBand> {
  const maps = keypointMaps(
    plane,
    scaleList(options.sigmasV),
    options.weightFunction,
    borderSigmas,
  );
  return plane.values.length <= mostKeptPixels ? [...maps] : maps;
}

const openPlaces: Record<
  KeypointKind,
  (options: KeypointOptions) => LabelPlaces
> = { drawn: drawnPlaces, detector: detectedPlaces };

/** The places for training labels of a kind. */
export function labelPlaces(
  kind: KeypointKind,
  options: KeypointOptions,
): LabelPlaces {
  return openPlaces[kind](options);
}

function drawnPlaces(options: KeypointOptions): LabelPlaces {
  return {
    weigh: (plane) => totalWeight(mapsOf(plane, options)),
    choose(photograph, plane, imageNumber, count) {
      const cutter = new PatchCutter(photograph, options.seed, "training view");
      return drawKeypoints(
        mapsOf(plane, options),
        count,
        options.seed,
        "training keypoints",
        imageNumber,
        (keypoint) => cutter.hasContrast(regionOf(keypoint)),
      ).map(regionOf);
    },
  };
}

function detectedPlaces({ seed }: KeypointOptions): LabelPlaces {
  const found = new Map<number, Homography[]>();
  const regions = (plane: Plane, imageNumber: number) => {
    let known = found.get(imageNumber);
    if (known === undefined) {
      const { width, height, values: pixels } = plane;
      const stack = new SamplingStack(plane);
      const cutter = new PatchCutter(stack, seed, "training view");
      known = detectRegions(
        { width, height, pixels },
        seed,
        imageNumber,
        (region) => cutter.hasContrast(region),
      );
      found.set(imageNumber, known);
    }
    return known;
  };
  return {
    weigh: (plane, imageNumber) => regions(plane, imageNumber).length,
    choose: (_, plane, imageNumber, count) =>
      regions(plane, imageNumber).slice(0, count),
  };
}
