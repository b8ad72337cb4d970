import { augmentMatrix, type AugmentParameters } from "../augmentation.ts";
import type { Gpu } from "../device.ts";
import { GpuError } from "../errors.ts";
import { kernel } from "../kernel.ts";
import { samplesPerBlock } from "../labelled_descriptors.ts";
import type { Recorder } from "../recorder.ts";
import { Tensor } from "../tensor.ts";
import { assertShape } from "../tensor_checks.ts";
import source from "../wgsl/patches/augment.wgsl" with { type: "text" };

/** Which patches are meant, and which of the prepared transforms they get. */
export interface AugmentRange {
  count: number;
  /** Number of the first patch within the bytes; 0 by default. */
  firstPatch?: number;
  /** Number of the first patch within the batch that was prepared; 0 by default. */
  firstTransform?: number;
}

const figures = 12;
/** Outputs of a thread; a workgroup of 32 has 8 columns of them. */
const run = 4;
/**
 * Patch pixels that a footprint may touch. Its width is 2·70/32·(cos 10° + sin 10°)/cos 5° at most for the ranges of
 * AugmentParameters, 5.1 along x, and 2·70/32·(cos 5° + sin 5°)/cos 5° = 4.8 along y.
 */
const footprint = { COLUMNS: 6, ROWS: 5 };

/**
 * The training transform of a batch of patches, u8 64×64 → f32 32×32 in 0 … 1, as one warp.
 *
 * The authors' transform is a chain: repeat an edge of 3 pixels; rotate, shear and magnify by bicubic interpolation
 * (0 outside the frame); crop and shrink to 32×32 by PIL's bilinear, whose triangles are two output pixels wide; round to
 * 8 bits after each; transpose and flip. Here the maps are composed first and the patch is sampled once: an output
 * pixel is the mean of the patch under the last step's triangles, mapped back through the affine map. That leaves out
 * only the bicubic interpolation, which is nearly an identity at scales of 1 to 1.14 before a shrinking by 2, the
 * rounding in between, and that the chain's last step does not look beyond the crop (half a pixel of the output's rim).
 *
 * {@linkcode Augment.prepare} once a step, then {@linkcode Augment.record} per micro-batch.
 */
export class Augment implements Disposable {
  readonly #transforms: Tensor;
  readonly #values: Float32Array<ArrayBuffer>;
  readonly #capacity: number;
  #prepared = 0;

  /** @param capacity the most patches of one batch */
  constructor(gpu: Gpu, capacity: number) {
    this.#capacity = capacity;
    const blocks = Math.ceil(capacity / samplesPerBlock);
    this.#transforms = new Tensor(gpu, "augment transforms", [
      blocks,
      figures,
      samplesPerBlock,
    ]);
    this.#values = new Float32Array(this.#transforms.size);
  }

  /**
   * Sends the batch's transforms to the GPU. What was recorded with the batch before must have been submitted.
   *
   * @throws {GpuError} when there are more than the capacity
   */
  prepare(batch: readonly AugmentParameters[]): void {
    if (batch.length > this.#capacity) {
      throw new GpuError({
        attempt: "run augment",
        where: "batch",
        found: `${batch.length} patches`,
        wanted: `at most ${this.#capacity}`,
      });
    }
    for (let patch = 0; patch < batch.length; patch++) {
      this.#setTransform(patch, augmentMatrix(batch[patch]));
    }
    const blocks = Math.ceil(batch.length / samplesPerBlock);
    this.#transforms.write(
      this.#values.subarray(0, blocks * figures * samplesPerBlock),
    );
    this.#prepared = batch.length;
  }

  /**
   * Records the transform of `count` patches.
   *
   * @param bytes u32: u8 [·, 64, 64] packed four to a word, lowest byte first
   * @param output f32 [N, 32, 32], N at least `count`
   * @throws {GpuError} when bytes or prepared transforms are too few or the output has another shape
   */
  record(
    recorder: Recorder,
    bytes: Tensor,
    output: Tensor,
    range: AugmentRange,
  ): void {
    const { count, firstPatch = 0, firstTransform = 0 } = range;
    const neededWords = (firstPatch + count) * 1024;
    if (count < 1 || bytes.size < neededWords) {
      throw new GpuError({
        attempt: "run augment",
        where: bytes.label,
        found: `${bytes.size} words for patches ${firstPatch} to ${
          firstPatch + count - 1
        }`,
        wanted: `at least one patch and ${neededWords} words`,
      });
    }
    if (firstTransform + count > this.#prepared) {
      throw new GpuError({
        attempt: "run augment",
        where: "transforms",
        found: `${this.#prepared} prepared`,
        wanted: `at least ${firstTransform + count}`,
      });
    }
    const blocks = Math.ceil(count / samplesPerBlock);
    assertShape("augment", "output", output, [
      Math.max(count, output.shape[0]),
      32,
      32,
    ]);
    recorder.dispatch(
      kernel(recorder.gpu, "augment", source, {
        L: samplesPerBlock,
        RUN: run,
        ...footprint,
      }),
      [bytes, this.#transforms, output],
      [32 / run, samplesPerBlock, blocks],
      [{ u32: count }, { u32: firstPatch }, { u32: firstTransform }],
    );
  }

  /** The map of a patch, the inverse of its linear part, and how far a step of both along an axis goes at most. */
  #setTransform(patch: number, map: number[]): void {
    const xc = map[0], xr = map[1], x0 = map[2];
    const yc = map[3], yr = map[4], y0 = map[5];
    const determinant = xc * yr - xr * yc;
    const values = this.#values;
    const lane = patch % samplesPerBlock;
    const at = (patch - lane) * figures + lane;
    values[at] = xc;
    values[at + samplesPerBlock] = xr;
    values[at + 2 * samplesPerBlock] = x0;
    values[at + 3 * samplesPerBlock] = yc;
    values[at + 4 * samplesPerBlock] = yr;
    values[at + 5 * samplesPerBlock] = y0;
    values[at + 6 * samplesPerBlock] = yr / determinant;
    values[at + 7 * samplesPerBlock] = -xr / determinant;
    values[at + 8 * samplesPerBlock] = -yc / determinant;
    values[at + 9 * samplesPerBlock] = xc / determinant;
    values[at + 10 * samplesPerBlock] = Math.abs(xc) + Math.abs(xr);
    values[at + 11 * samplesPerBlock] = Math.abs(yc) + Math.abs(yr);
  }

  [Symbol.dispose](): void {
    this.#transforms[Symbol.dispose]();
  }
}
