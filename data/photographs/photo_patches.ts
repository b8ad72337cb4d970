import {
  compose,
  type Homography,
} from "../../features/geometry/homography.ts";
import { SamplingStack } from "../../features/patches/sampling_stack.ts";
import { patchSidePixels, patchSizeBytes } from "../patches/packed_patches.ts";
import { squareOntoImage } from "./camera.ts";
import { drawCameraGrid, gridRegion } from "./camera_grid.ts";
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

/** What all views of a label have besides. */
export interface LabelOptions {
  /** Puts another surface into them. */
  edge?: DepthEdge | undefined;
  /** Views but the first are taken by a camera with pixels, noise and compression of its own, and cut from its picture. */
  hasGrain?: boolean;
}

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
   */
  cut(
    region: Homography,
    label: number,
    view: number,
    drawView: DrawView,
    { edge, hasGrain = false }: LabelOptions = {},
  ): Uint8Array {
    const streamOf = (purpose: string) =>
      new RandomStream(this.#seed, purpose, label, view);
    const stream = streamOf(this.#purpose);
    const shown = view === 0
      ? { region, change: noChange, quality: 0 }
      : drawView(region, this.#photograph, stream);
    const take = (
      seen: View,
      side: number,
      values: Float32Array,
      into: Uint8Array,
    ) => {
      const { region, change, quality } = seen;
      this.#photograph.sample(region, side, side, values, change.softness);
      edge?.cover(
        this.#photograph,
        region,
        side,
        change.softness,
        values,
        view === 0 ? undefined : streamOf("parallax"),
      );
      applyPhotometricChange(values, side, change, stream, into);
      if (quality > 0) compressLikeJpeg(into, side, quality, stream);
    };
    if (view === 0 || !hasGrain) {
      take(shown, patchSidePixels, this.#values, this.#patch);
      return this.#patch;
    }
    const grid = drawCameraGrid(shown.region, streamOf("camera grid"));
    const side = grid.sidePixels;
    const taken = new Uint8Array(side * side);
    const softness = shown.change.softness * grid.pixelsAcross /
      patchSidePixels;
    take(
      {
        region: gridRegion(shown.region, grid),
        change: { ...shown.change, softness: Math.max(1, softness) },
        quality: shown.quality,
      },
      side,
      new Float32Array(side * side),
      taken,
    );
    const seen = new SamplingStack({
      width: side,
      height: side,
      values: Float32Array.from(taken),
    });
    seen.sample(
      compose(squareOntoImage(seen), grid.fromPatch),
      patchSidePixels,
      patchSidePixels,
      this.#values,
    );
    this.#values.forEach((value, at) => this.#patch[at] = value + 0.5);
    return this.#patch;
  }
}
