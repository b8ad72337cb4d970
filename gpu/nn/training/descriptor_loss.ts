import type { Gpu } from "../../device.ts";
import { GpuError } from "../../errors.ts";
import type {
  BatchCapacity,
  LabelledDescriptors,
} from "../../labelled_descriptors.ts";
import {
  descriptorLossGradient,
  descriptorLossStatistics,
  leadingFigures,
  levelBins,
  weightBins,
} from "../../ops/descriptor_loss.ts";
import {
  HardestInBatch,
  type NegativeRule,
  sameDescriptorDistance,
} from "../../ops/hardest_in_batch.ts";
import {
  type LossOptions,
  type LossStep,
  type LossTensors,
  squareDistanceEpsilon,
} from "../../ops/losses/loss_terms.ts";
import { median } from "../../ops/median.ts";
import { SecondOrder } from "../../ops/losses/second_order.ts";
import { pairDistance } from "../../ops/pair_distance.ts";
import type { Recorder } from "../../recorder.ts";
import { Arena, type Tensor } from "../../tensor.ts";
import { assertShape } from "../../tensor_checks.ts";
import type { LossStatistics, PairFigures } from "./loss_statistics.ts";
import { termsOfLoss } from "./loss_terms.ts";
import { type Loss, type LossName, lossOf } from "../losses.ts";

/** What a batch's loss is computed from. */
export interface LossInputs extends LabelledDescriptors, Partial<LossStep> {
  /** [B, 128, 32] of the same patches, where the loss needs them; no gradient flows into it. */
  teacher?: Tensor;
}

/**
 * Loss of a whole batch of descriptors with its gradient: mining, distances, medians, loss terms, gather.
 *
 * One term a class, averaged or summed over all classes, those of weight 0 included; some losses add a constant or a further
 * term. With `negNum` > 1 the mining repeats, each row's earlier negatives left out, and the losses are averaged.
 * Equal inputs, and equal steps before where a loss has running figures, give equal bits. Source: the paper's weighted balance loss and
 * annealing; `losses.py` of the authors; of the other losses, where their terms stand.
 */
export class DescriptorLoss implements Disposable {
  readonly #arena: Arena;
  readonly #mining: HardestInBatch;
  readonly #tensors: LossTensors;
  readonly #chain: { head: Tensor; next: Tensor };
  readonly #statistics: Tensor;
  readonly #gpu: Gpu;
  readonly #classes: number;
  #secondOrder: SecondOrder | undefined;
  #hasRunning = false;
  #last: { classCount: number; options: LossOptions } | undefined;

  constructor(gpu: Gpu, capacity: BatchCapacity) {
    this.#gpu = gpu;
    this.#classes = capacity.classes;
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
      normGradient: tensor("norm gradient", 2 * classes),
      running: tensor("running figures", 8),
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

  /** Gradient with respect to the rows' lengths before they were normalised, [2 · classes], of a loss that asks for them. */
  get normGradient(): Tensor {
    return this.#tensors.normGradient;
  }

  /** What the loss carries from step to step: eight figures. */
  get running(): Tensor {
    return this.#tensors.running;
  }

  /**
   * Allocates what a loss needs beyond what all do, which its first step would do otherwise.
   *
   * @throws {GpuMemoryError} when it does not fit
   */
  reserve(kind: LossName): void {
    if (!lossOf(kind).secondOrder) return;
    this.#secondOrder ??= new SecondOrder(
      this.#gpu,
      this.#classes,
      sameDescriptorDistance,
    );
  }

  /** Puts figures back that {@linkcode running} had, so that the next step goes on from them. */
  restoreRunning(figures: Float32Array<ArrayBuffer>): void {
    this.running.write(figures);
    this.#hasRunning = true;
  }

  /**
   * Records the loss of `inputs` and writes its gradient with respect to the descriptors.
   *
   * @param gradient [B, 128, 32]; rows from sampleCount to the end of their block get zero, later blocks stay
   * @throws {GpuError} when the batch exceeds the capacity or is not what the loss takes, a shape is wrong or the teacher is missing
   */
  record(
    recorder: Recorder,
    inputs: LossInputs,
    options: LossOptions,
    gradient: Tensor,
  ): void {
    const { descriptors, teacher, classCount, progress = 0, norm } = inputs;
    const { kind, negNum } = options;
    const loss = lossOf(kind);
    if (!Number.isInteger(negNum) || negNum < 1) {
      throw new GpuError({
        attempt: "run descriptorLoss",
        where: "negNum",
        found: String(negNum),
        wanted: "an integer of at least 1",
      });
    }
    if (loss.pairedViews) assertPairedViews(inputs, options);
    const leveller = loss.needsTeacher ? teacher : descriptors;
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
    const step = { progress, ...(norm === undefined ? {} : { norm }) };
    this.reserve(kind);
    const secondOrder = loss.secondOrder ? this.#secondOrder : undefined;
    if (loss.running !== undefined && !this.#hasRunning) {
      this.restoreRunning(Float32Array.from(loss.running));
    }
    for (let round = 0; round < negNum; round++) {
      const rule = negativeRule(loss, progress);
      this.#mining.record(recorder, inputs, round, rule);
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
      termsOfLoss[kind](recorder, tensors, classCount, options, step);
      secondOrder?.addTerms(recorder, inputs, tensors.terms);
      descriptorLossGradient(
        recorder,
        inputs,
        pairs,
        tensors.coefficients,
        this.#chain,
        gradient,
        round > 0,
      );
      secondOrder?.addGradient(recorder, inputs, gradient);
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
    const { constant, hasZeroPosition, isSum } = lossOf(kind);
    return {
      loss: (isSum ? loss : loss / pairCount) + constant,
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
    this.#secondOrder?.[Symbol.dispose]();
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

/** Which rows are a loss's negatives at a share of its steps. */
function negativeRule(
  { otherViewNegatives, mostSimilar }: Loss,
  progress: number,
): NegativeRule {
  const otherView = otherViewNegatives === true;
  if (mostSimilar === undefined) {
    return { otherView, beyond: sameDescriptorDistance };
  }
  const { early, until, late } = mostSimilar;
  const cosine = progress < until ? early : late;
  const beyond = Math.sqrt(2 * (1 - cosine) + squareDistanceEpsilon);
  return { otherView, beyond };
}

/**
 * Requires two rows of every class, and one round, as losses of paired views are written for.
 *
 * @throws {GpuError} when there are more or fewer
 */
function assertPairedViews(
  { sampleCount, classCount }: LabelledDescriptors,
  { kind, negNum }: LossOptions,
): void {
  const refuse = (where: string, found: number, wanted: number) => {
    if (found === wanted) return;
    throw new GpuError({
      attempt: `run ${kind}`,
      where,
      found: String(found),
      wanted: String(wanted),
    });
  };
  refuse("rows of the batch", sampleCount, 2 * classCount);
  refuse("negNum", negNum, 1);
}
