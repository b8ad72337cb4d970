import { transformFigures, transformsLength } from "../augmentation.ts";
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
  readonly #capacity: number;
  #prepared = 0;

  /** @param capacity the most patches of one batch */
  constructor(gpu: Gpu, capacity: number) {
    this.#capacity = capacity;
    const blocks = Math.ceil(capacity / samplesPerBlock);
    this.#transforms = new Tensor(gpu, "augment transforms", [
      blocks,
      transformFigures,
      samplesPerBlock,
    ]);
  }

  /**
   * Sends the transforms of a batch of `count` patches to the GPU. What was recorded with the batch before must have been
   * submitted.
   *
   * @param transforms [⌈count/32⌉, 12, 32], as `augmentTransforms` gives them
   * @throws {GpuError} when there are more patches than the capacity, or other transforms than theirs
   */
  prepare(transforms: Float32Array<ArrayBuffer>, count: number): void {
    if (count > this.#capacity) {
      throw new GpuError({
        attempt: "run augment",
        where: "batch",
        found: `${count} patches`,
        wanted: `at most ${this.#capacity}`,
      });
    }
    const length = transformsLength(count);
    if (transforms.length !== length) {
      throw new GpuError({
        attempt: "run augment",
        where: "transforms",
        found: `${transforms.length} values`,
        wanted: `${length} for ${count} patches`,
      });
    }
    this.#transforms.write(transforms);
    this.#prepared = count;
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

  [Symbol.dispose](): void {
    this.#transforms[Symbol.dispose]();
  }
}
