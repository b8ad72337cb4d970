import type { Gpu } from "../device.ts";
import { GpuError } from "../errors.ts";
import type {
  BatchCapacity,
  LabelledDescriptors,
} from "../labelled_descriptors.ts";
import {
  descriptorLossGradient,
  descriptorLossStatistics,
  descriptorLossTerms,
  leadingFigures,
  levelBins,
  type LossOptions,
  type LossTensors,
  weightBins,
} from "../ops/descriptor_loss.ts";
import { HardestInBatch } from "../ops/hardest_in_batch.ts";
import { median } from "../ops/median.ts";
import { pairDistance } from "../ops/pair_distance.ts";
import type { Recorder } from "../recorder.ts";
import { Arena, type Tensor } from "../tensor.ts";
import { assertShape } from "../tensor_checks.ts";
import { losses } from "./losses.ts";

/** What a batch's loss is computed from. */
export interface LossInputs extends LabelledDescriptors {
  /** [B, 128, 32] of the same patches, where the loss needs them; no gradient flows into it. */
  teacher?: Tensor;
}

/** What the last recorded loss found; means over classes and mining rounds. */
export interface LossStatistics {
  loss: number;
  /** mean a: distance of the hardest positive pairs */
  meanPositive: number;
  /** mean b: distance of the hardest negative pairs, not clamped */
  meanNegative: number;
  /** B/2, the distance at which negatives stop to matter, of a loss that has one */
  zeroPosition?: number;
  /** share of pairs with W = 0, in [0, 1] */
  zeroWeightShare: number;
  medianPositive: number;
  medianNegative: number;
  /** 64 equal parts of [−2, 2]: pairs by level (with a teacher b_T − a_T; tripletMargin++: b̂ − a; else b − a) */
  levelHistogram: number[];
  /** 16 equal parts of [0, 1]: pairs by W; W = 1 counts in the last */
  weightHistogram: number[];
  /** positive and negative pairs judged: classes × mining rounds */
  pairCount: number;
}

/** What the last mining round made of one class's pairs. */
export interface PairFigures {
  /** a: distance of the hardest positive pair */
  positiveDistance: number;
  /** b: distance of the hardest negative pair, not clamped */
  negativeDistance: number;
  /** W */
  weight: number;
  /** B/2 */
  zeroPosition: number;
}

/**
 * Loss of a whole batch of descriptors with its gradient: mining, distances, medians, loss terms, gather.
 *
 * One term a class, averaged over all classes, those of weight 0 included; some losses add a constant. With
 * `negNum` > 1 the mining repeats, each row's earlier negatives left out, and the losses are averaged.
 * Equal inputs give equal bits. Source: the paper's weighted balance loss and annealing; `losses.py` of the authors.
 */
export class DescriptorLoss implements Disposable {
  readonly #arena: Arena;
  readonly #mining: HardestInBatch;
  readonly #tensors: LossTensors;
  readonly #chain: { head: Tensor; next: Tensor };
  readonly #statistics: Tensor;
  #last: { classCount: number; options: LossOptions } | undefined;

  constructor(gpu: Gpu, capacity: BatchCapacity) {
    this.#mining = new HardestInBatch(gpu, capacity);
    this.#arena = new Arena(gpu);
    const { samples, classes } = capacity;
    const tensor = (label: string, ...shape: number[]) =>
      this.#arena.tensor(`loss ${label}`, shape);
    const indices = (label: string, size: number) =>
      this.#arena.tensor(`loss ${label}`, [size], { type: "u32" });
    this.#tensors = {
      distance: tensor("distances", classes, 2),
      levelDistance: tensor("level distances", classes, 2),
      medians: tensor("medians", 2),
      coefficients: tensor("coefficients", classes, 2),
      terms: tensor("terms", classes, 4),
    };
    this.#chain = {
      head: indices("chain heads", samples),
      next: indices("chain links", classes),
    };
    this.#statistics = tensor(
      "statistics",
      leadingFigures + levelBins + weightBins,
    );
  }

  /**
   * Records the loss of `inputs` and writes its gradient with respect to the descriptors.
   *
   * @param gradient [B, 128, 32]; rows from sampleCount to the end of their block get zero, later blocks stay
   * @throws {GpuError} when the batch exceeds the capacity, a shape is wrong or the teacher is missing
   */
  record(
    recorder: Recorder,
    inputs: LossInputs,
    options: LossOptions,
    gradient: Tensor,
  ): void {
    const { descriptors, teacher, classCount } = inputs;
    const { kind, negNum } = options;
    if (!Number.isInteger(negNum) || negNum < 1) {
      throw new GpuError({
        attempt: "run descriptorLoss",
        where: "negNum",
        found: String(negNum),
        wanted: "an integer of at least 1",
      });
    }
    const leveller = losses[kind].needsTeacher ? teacher : descriptors;
    if (leveller === undefined) {
      throw new GpuError({
        attempt: "run descriptorLoss",
        where: kind,
        found: "no teacher",
        wanted: "the teacher's descriptors",
      });
    }
    assertShape("descriptorLoss", "teacher", leveller, descriptors.shape);
    const tensors = this.#tensors;
    for (let round = 0; round < negNum; round++) {
      this.#mining.record(recorder, inputs, round);
      const { pairs } = this.#mining;
      const pairCount = 2 * classCount;
      pairDistance(recorder, descriptors, pairs, tensors.distance, pairCount);
      pairDistance(recorder, leveller, pairs, tensors.levelDistance, pairCount);
      for (const slot of [0, 1]) {
        median(recorder, tensors.distance, tensors.medians, {
          count: classCount,
          first: slot,
          stride: 2,
          slot,
        });
      }
      descriptorLossTerms(recorder, tensors, classCount, options);
      descriptorLossGradient(
        recorder,
        inputs,
        pairs,
        tensors.coefficients,
        this.#chain,
        gradient,
        round > 0,
      );
      descriptorLossStatistics(
        recorder,
        tensors,
        this.#statistics,
        classCount,
        round > 0,
      );
    }
    this.#last = { classCount, options };
  }

  /** Reads the figures of the last recorded loss back, after its submit; one small transfer. */
  async readStatistics(): Promise<LossStatistics> {
    const { classCount, options } = this.#lastRecorded();
    const { kind, negNum } = options;
    const pairCount = classCount * negNum;
    const figures = await this.#statistics.readFloats();
    const [loss, a, b, zeroWeights, medianA, medianB, zeroPosition] = figures;
    const histogram = (first: number, count: number) => [
      ...figures.subarray(first, first + count),
    ];
    const { constant, hasZeroPosition } = losses[kind];
    return {
      loss: loss / pairCount + constant,
      meanPositive: a / pairCount,
      meanNegative: b / pairCount,
      ...(hasZeroPosition ? { zeroPosition: zeroPosition / negNum } : {}),
      zeroWeightShare: zeroWeights / pairCount,
      medianPositive: medianA / negNum,
      medianNegative: medianB / negNum,
      levelHistogram: histogram(leadingFigures, levelBins),
      weightHistogram: histogram(leadingFigures + levelBins, weightBins),
      pairCount,
    };
  }

  /** Reads the last mining round's pairs back: rows (i, j⁺, i′, j⁻) of each class, [classes, 4]. */
  async readPairs(): Promise<Uint32Array> {
    const { classCount } = this.#lastRecorded();
    return await this.#mining.pairs.read(0, 4 * classCount) as Uint32Array;
  }

  /** Reads what the last mining round made of each class back, for inspection: [classes]. */
  async readPairFigures(): Promise<PairFigures[]> {
    const { classCount } = this.#lastRecorded();
    const { distance, terms } = this.#tensors;
    const distances = await distance.readFloats(0, 2 * classCount);
    const figures = await terms.readFloats(0, 4 * classCount);
    return Array.from({ length: classCount }, (_, c) => ({
      positiveDistance: distances[2 * c],
      negativeDistance: distances[2 * c + 1],
      weight: figures[4 * c + 1],
      zeroPosition: figures[4 * c + 3],
    }));
  }

  [Symbol.dispose](): void {
    this.#mining[Symbol.dispose]();
    this.#arena[Symbol.dispose]();
  }

  #lastRecorded(): { classCount: number; options: LossOptions } {
    if (this.#last === undefined) {
      throw new GpuError({
        attempt: "read the loss",
        found: "nothing recorded",
        wanted: "a call of record before",
      });
    }
    return this.#last;
  }
}
