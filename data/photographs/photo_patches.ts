import { drawNoisyRegion, regionOf } from "./geometric_noise.ts";
import { scaling } from "../../features/geometry/homography.ts";
import type { Keypoint } from "./keypoints.ts";
import { patchSidePixels, patchSizeBytes } from "../patches/packed_patches.ts";
import {
  applyPhotometricChange,
  drawPhotometricChange,
  noChange,
} from "./photometric.ts";
import { RandomStream } from "../random.ts";
import type { SamplingStack } from "../../features/patches/sampling_stack.ts";

/** How far the views of a label may differ from its first one. */
export interface ViewNoise {
  /** Level of geometric noise, drawn uniformly in between. */
  geometric: { least: number; most: number };
  /** Strength of photometric change, drawn uniformly in between. */
  photometric: { least: number; most: number };
}

/** Views to train on: from nearly true to a little beyond HPatches' "tough". */
export const trainingNoise: ViewNoise = {
  geometric: { least: 0.3, most: 3.3 },
  photometric: { least: 0.3, most: 2 },
};

/** Views to test on: as far apart as HPatches' "easy" to "hard". */
export const testNoise: ViewNoise = {
  geometric: { least: 0.5, most: 2.2 },
  photometric: { least: 0.3, most: 1.5 },
};

/** Least standard deviation of a patch in grey values. */
const leastContrast = 6;

/** Cuts the 64 × 64 patches of keypoints out of one photograph; keeps its working space between calls. */
export class PatchCutter {
  readonly #photograph: SamplingStack;
  readonly #seed: number;
  readonly #purpose: string;
  readonly #values = new Float32Array(patchSizeBytes);
  readonly #patch = new Uint8Array(patchSizeBytes);

  constructor(photograph: SamplingStack, seed: number, purpose: string) {
    this.#photograph = photograph;
    this.#seed = seed;
    this.#purpose = purpose;
  }

  /**
   * Whether the keypoint's region has any content: a standard deviation of at least 6 grey values. Source: HPatches draws its
   * retrieval patches with such a bound (10, after its detectors have passed the flat places by).
   */
  hasContrast(keypoint: Keypoint): boolean {
    const side = 16;
    const values = this.#values.subarray(0, side * side);
    this.#photograph.sample(regionOf(keypoint), side, side, values);
    let sum = 0;
    let squares = 0;
    for (const value of values) {
      sum += value;
      squares += value * value;
    }
    const mean = sum / values.length;
    return squares / values.length - mean * mean >= leastContrast ** 2;
  }

  /**
   * One view of a keypoint, u8 [64, 64]; the array is overwritten by the next call. View 0 is the photograph as it is, the others
   * are pure functions of (seed, purpose, label, view).
   */
  cut(
    keypoint: Keypoint,
    label: number,
    view: number,
    noise: ViewNoise,
  ): Uint8Array {
    const stream = new RandomStream(this.#seed, this.#purpose, label, view);
    let region = regionOf(keypoint);
    let change = noChange;
    if (view > 0) {
      const level = stream.uniform(noise.geometric.least, noise.geometric.most);
      region = drawNoisyRegion(
        scaling(1),
        region,
        level,
        this.#photograph,
        stream,
      );
      const strength = stream.uniform(
        noise.photometric.least,
        noise.photometric.most,
      );
      change = drawPhotometricChange(strength, stream);
    }
    const side = patchSidePixels;
    this.#photograph.sample(region, side, side, this.#values, change.softness);
    applyPhotometricChange(this.#values, side, change, stream, this.#patch);
    return this.#patch;
  }
}
