import type { Homography } from "../../features/geometry/homography.ts";
import type { SamplingStack } from "../../features/patches/sampling_stack.ts";
import { patchSidePixels, patchSizeBytes } from "../patches/packed_patches.ts";
import { compressLikeJpeg } from "./compression.ts";
import type { DepthEdge } from "./depth_edges.ts";
import {
  applyPhotometricChange,
  noChange,
  type PhotometricChange,
} from "./photometric.ts";
import { RandomStream } from "../random.ts";

/** What another view of a place shows. */
export interface View {
  /** From [−1, 1]² to the photograph's pixels. */
  region: Homography;
  change: PhotometricChange;
  /** Quality of a lossy compression, 1 … 100; 0 for none. */
  quality: number;
}

/** Draws another view of a region of a picture; random through the stream alone. */
export type DrawView = (
  region: Homography,
  picture: { width: number; height: number },
  stream: RandomStream,
) => View;

/** Least standard deviation of a patch in grey values. */
const leastContrast = 6;

/** Cuts the 64 × 64 patches of regions out of one photograph; keeps its working space between calls. */
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
   * Whether a region has any content: a standard deviation of at least 6 grey values. Source: HPatches draws its
   * retrieval patches with such a bound (10, after its detectors have passed the flat places by).
   */
  hasContrast(region: Homography): boolean {
    const side = 16;
    const values = this.#values.subarray(0, side * side);
    this.#photograph.sample(region, side, side, values);
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
   * One view of a region, u8 [64, 64]; the array is overwritten by the next call. View 0 is the photograph as it is, the others
   * are pure functions of (seed, purpose, label, view).
   * @param edge puts another surface into all of the label's views
   */
  cut(
    region: Homography,
    label: number,
    view: number,
    drawView: DrawView,
    edge?: DepthEdge,
  ): Uint8Array {
    const stream = new RandomStream(this.#seed, this.#purpose, label, view);
    const shown = view === 0
      ? { region, change: noChange, quality: 0 }
      : drawView(region, this.#photograph, stream);
    const { change, quality } = shown;
    const side = patchSidePixels;
    const values = this.#values;
    this.#photograph.sample(
      shown.region,
      side,
      side,
      values,
      change.softness,
    );
    if (edge !== undefined) {
      const parallax = view === 0
        ? undefined
        : new RandomStream(this.#seed, "parallax", label, view);
      edge.cover(
        this.#photograph,
        shown.region,
        side,
        change.softness,
        values,
        parallax,
      );
    }
    applyPhotometricChange(values, side, change, stream, this.#patch);
    if (quality > 0) compressLikeJpeg(this.#patch, side, quality, stream);
    return this.#patch;
  }
}
