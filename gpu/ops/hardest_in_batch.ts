import type { Gpu } from "../device.ts";
import type { DeviceClass } from "../device_class.ts";
import { type Kernel, kernel } from "../kernel.ts";
import {
  assertBatch,
  type BatchCapacity,
  descriptorDimension as dimension,
  type LabelledDescriptors,
  samplesPerBlock as block,
} from "../labelled_descriptors.ts";
import type { Recorder } from "../recorder.ts";
import { squareDistanceEpsilon } from "./losses/loss_terms.ts";
import { Arena, type Tensor } from "../tensor.ts";
import negativeSource from "../wgsl/loss/hardest_negative.wgsl" with {
  type: "text",
};
import tileSource from "../wgsl/loss/hardest_negative_tile.wgsl" with {
  type: "text",
};
import pairSource from "../wgsl/loss/hardest_pair.wgsl" with { type: "text" };
import positiveSource from "../wgsl/loss/hardest_positive.wgsl" with {
  type: "text",
};

/** Rows of different labels nearer than this are the same patch and never a negative pair. */
export const sameDescriptorDistance = 0.008;
/** Which rows count as negatives. */
export interface NegativeRule {
  /** whether only rows of the other view do: odd ones for an even row, even ones for an odd row */
  otherView: boolean;
  /** the distance that they have to be beyond */
  beyond: number;
}

/** Every row of another label that is not the same patch. */
const anyNegative: NegativeRule = {
  otherView: false,
  beyond: sameDescriptorDistance,
};

/**
 * Fours of rows that an invocation compares. Registers against occupancy: the software adapter pays for loads, a GPU hides them behind
 * more invocations, as far as it is not held by them.
 */
const vectorsOfRows: Readonly<Record<DeviceClass, number>> = {
  software: 4,
  integrated: 2,
  discrete: 1,
};

const mostTiles = 64;
const none = 0xffffffff;
/** Beyond every distance. */
const far = 1e30;

/**
 * Hardest-in-batch mining: per class one positive and one negative pair of rows.
 *
 *     d(i, j) = √(|2·(1 − ⟨x_i, x_j⟩)| + 1e-6)
 *
 * Row i's hardest positive is the farthest row of its label (itself included, which wins only against equal rows),
 * its hardest negative the nearest row of another label with d > 0.008. The positive pair of a class is that of its
 * row with the farthest positive, the negative pair that of its row with the nearest negative. Distances are compared
 * as f32; the first index wins a tie. A row without any admissible negative is its own negative: b = 0.
 *
 * Round r > 0 mines again, each row's negatives of the rounds before left out. A {@linkcode NegativeRule} narrows the negatives.
 *
 * The N × N distances exist only as sums in registers: columns are walked in at most 64 tiles, and each tile leaves
 * one candidate a row, so that the scratch is at most 512·N bytes. Source: Self-TNet's `losses.py` (facts).
 */
export class HardestInBatch implements Disposable {
  /** u32 [classes, 4]: rows (i, j⁺, i′, j⁻) of each class, written by {@linkcode HardestInBatch.record}. */
  readonly pairs: Tensor;
  readonly #arena: Arena;
  readonly #capacity: BatchCapacity;
  readonly #floorDistance: Tensor;
  readonly #floorIndex: Tensor;
  readonly #positiveDistance: Tensor;
  readonly #positiveIndex: Tensor;
  readonly #negativeDistance: Tensor;
  readonly #negativeIndex: Tensor;
  readonly #tileDistance: Tensor;
  readonly #tileIndex: Tensor;
  readonly #positive: Kernel;
  readonly #tile: (otherView: boolean) => Kernel;
  readonly #negative: Kernel;
  readonly #pair: Kernel;
  readonly #tileInvocations: number;
  readonly #tileWorkgroup: number;
  #beyond = sameDescriptorDistance;

  constructor(gpu: Gpu, capacity: BatchCapacity) {
    this.#capacity = capacity;
    this.#arena = new Arena(gpu);
    const blocks = Math.ceil(capacity.samples / block);
    const rows = blocks * block;
    const tiles = Math.min(mostTiles, blocks);
    const f32 = (label: string, ...shape: number[]) =>
      this.#arena.tensor(`mining ${label}`, shape);
    const u32 = (label: string, ...shape: number[]) =>
      this.#arena.tensor(`mining ${label}`, shape, { type: "u32" });
    this.#floorDistance = f32("floor distances", rows);
    this.#floorIndex = u32("floor indices", rows);
    this.#floorDistance.write(new Float32Array(rows).fill(this.#beyond));
    this.#floorIndex.write(new Uint32Array(rows).fill(none));
    this.#positiveDistance = f32("positive distances", rows);
    this.#positiveIndex = u32("positive indices", rows);
    this.#negativeDistance = f32("negative distances", rows);
    this.#negativeIndex = u32("negative indices", rows);
    this.#tileDistance = f32("tile distances", tiles, rows);
    this.#tileIndex = u32("tile indices", tiles, rows);
    this.pairs = u32("pairs", capacity.classes, 4);

    const { deviceClass } = gpu.adapter;
    const vectors = vectorsOfRows[deviceClass];
    this.#tileWorkgroup = deviceClass === "software" ? 8 : 64;
    this.#tileInvocations = block / 4 / vectors;
    const shape = { DIMENSION: dimension, L: block };
    const epsilon = { SQUARE_EPSILON: { f32: squareDistanceEpsilon } };
    const farthest = { FAR: { f32: far } };
    this.#positive = kernel(gpu, "hardest_positive", positiveSource, {
      ...shape,
      ...epsilon,
    });
    this.#tile = (otherView) =>
      kernel(gpu, "hardest_negative_tile", tileSource, {
        ...shape,
        ...epsilon,
        ...farthest,
        NONE: none,
        VECTORS: vectors,
        RELOAD: deviceClass === "integrated" ? 1 : 0,
        WORKGROUP: this.#tileWorkgroup,
        OTHER_VIEW: otherView ? 1 : 0,
      });
    this.#negative = kernel(gpu, "hardest_negative", negativeSource, {
      L: block,
      ...farthest,
    });
    this.#pair = kernel(gpu, "hardest_pair", pairSource);
  }

  /**
   * Records mining round `round` (0, 1, …, in order) of a batch into {@linkcode HardestInBatch.pairs}.
   *
   * @throws {GpuError} when the batch exceeds the capacity or a shape is wrong
   */
  record(
    recorder: Recorder,
    batch: LabelledDescriptors,
    round: number,
    { otherView, beyond }: NegativeRule = anyNegative,
  ): void {
    assertBatch("hardestInBatch", batch, this.#capacity);
    const { descriptors, classOfRow, firstRowOfClass } = batch;
    const { sampleCount, classCount } = batch;
    const blocks = Math.ceil(sampleCount / block);
    const tileBlocks = Math.ceil(blocks / mostTiles);
    const tiles = Math.ceil(blocks / tileBlocks);
    if (beyond !== this.#beyond) {
      // Ordered before what is submitted later, and what reads the old one was submitted with its step.
      this.#floorDistance.write(
        new Float32Array(this.#floorDistance.size).fill(beyond),
      );
      this.#beyond = beyond;
    }
    if (round === 0) {
      recorder.dispatch(
        this.#positive,
        [
          descriptors,
          classOfRow,
          firstRowOfClass,
          this.#positiveDistance,
          this.#positiveIndex,
        ],
        [blocks],
        [{ u32: sampleCount }],
      );
    }
    recorder.dispatch(
      this.#tile(otherView),
      [
        descriptors,
        classOfRow,
        round === 0 ? this.#floorDistance : this.#negativeDistance,
        round === 0 ? this.#floorIndex : this.#negativeIndex,
        this.#tileDistance,
        this.#tileIndex,
      ],
      [Math.ceil(blocks * this.#tileInvocations / this.#tileWorkgroup), tiles],
      [{ u32: sampleCount }, { u32: blocks }, { u32: tileBlocks }],
    );
    recorder.dispatch(
      this.#negative,
      [
        this.#tileDistance,
        this.#tileIndex,
        this.#negativeDistance,
        this.#negativeIndex,
      ],
      [blocks],
      [
        { u32: sampleCount },
        { u32: blocks * block },
        { u32: tiles },
      ],
    );
    recorder.dispatch(
      this.#pair,
      [
        firstRowOfClass,
        this.#positiveDistance,
        this.#positiveIndex,
        this.#negativeDistance,
        this.#negativeIndex,
        this.pairs,
      ],
      [Math.ceil(classCount / 32)],
      [{ u32: classCount }],
    );
  }

  [Symbol.dispose](): void {
    this.#arena[Symbol.dispose]();
  }
}
