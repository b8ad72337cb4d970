import { kernel } from "../kernel.ts";
import {
  descriptorDimension,
  type LabelledDescriptors,
  samplesPerBlock,
} from "../labelled_descriptors.ts";
import { lossConstants, losses, type LossName } from "../nn/losses.ts";
import type { Recorder } from "../recorder.ts";
import type { Tensor } from "../tensor.ts";
import { assertShape } from "../tensor_checks.ts";
import pairTermsSource from "../wgsl/loss/descriptor_loss.wgsl" with {
  type: "text",
};
import gradientSource from "../wgsl/loss/descriptor_loss_gradient.wgsl" with {
  type: "text",
};
import statisticsSource from "../wgsl/loss/descriptor_loss_statistics.wgsl" with {
  type: "text",
};
import chainSource from "../wgsl/loss/negative_chain.wgsl" with {
  type: "text",
};

/** What the loss of one mining round depends on besides the descriptors; names as the authors' flags. */
export interface LossOptions {
  kind: LossName;
  /** Weight of a² against b² − B·b. */
  R: number;
  /** Twice the zero position; unused with `useStB`. */
  B: number;
  /** Weight of the positives' median in B; counts with `useStB` only. */
  A: number;
  /** B = 2·(median(b) + A·median(a)) without gradient. */
  useStB: boolean;
  /** Level up to which W is 0. */
  threshold: number;
  /** Level from which on the teacher's W is 1. */
  upper: number;
  /** The triplet loss's margin. */
  marginpos: number;
  /** Mining rounds, whose losses are averaged. */
  negNum: number;
}

/** Equal parts of [−2, 2] in which levels are counted. */
export const levelBins = 64;
/** Equal parts of [0, 1] in which weights are counted. */
export const weightBins = 16;
/** Figures that precede the histograms: loss, a, b, zero weights, both medians, B/2. */
export const leadingFigures = 7;

const chunk = 16;

/** The kernel that computes a loss's terms. */
const termsSources: Readonly<Record<LossName, string>> = {
  ExpTeacher: pairTermsSource,
  balance: pairTermsSource,
  tripletMargin_o: pairTermsSource,
  "tripletMargin++": pairTermsSource,
  tripletTeacher: pairTermsSource,
};

/** What the three passes of the loss hand each other, for up to C classes. */
export interface LossTensors {
  /** [C, 2]: (a, b) of the student */
  distance: Tensor;
  /** [C, 2]: (a, b) that levels are read from: the teacher's, or the student's again */
  levelDistance: Tensor;
  /** [2]: median(a), median(b) */
  medians: Tensor;
  /** [C, 2]: factors of x_i − x_j in the gradient */
  coefficients: Tensor;
  /** [C, 4]: loss without its constant, W, level, B/2 */
  terms: Tensor;
}

/**
 * The loss per class of one mining round, and its derivative's factors scaled by 1/(classes·negNum).
 *
 *     ExpTeacher, balance  W·(R·a² + b̂² − B·b̂),  b̂ = min(b, B/2)
 *     tripletMargin++      the same with W = 1 where b̂ − a > threshold, else 0
 *     tripletMargin_o      max(0, marginpos + a − b)
 *     tripletTeacher       W·max(0, marginpos + a − b)
 *
 * At distance 0 the derivative is 0, as PyTorch's norm has it.
 */
export function descriptorLossTerms(
  recorder: Recorder,
  tensors: LossTensors,
  classCount: number,
  options: LossOptions,
): void {
  const { kind } = options;
  const capacity = tensors.terms.shape[0];
  assertShape("descriptorLossTerms", "distance", tensors.distance, [
    capacity,
    2,
  ]);
  assertShape("descriptorLossTerms", "levelDistance", tensors.levelDistance, [
    capacity,
    2,
  ]);
  recorder.dispatch(
    kernel(recorder.gpu, `descriptor_loss ${kind}`, termsSources[kind], {
      ...lossConstants,
      KIND: losses[kind].id,
      USE_MEDIANS: options.useStB ? 1 : 0,
    }),
    [
      tensors.distance,
      tensors.levelDistance,
      tensors.medians,
      tensors.coefficients,
      tensors.terms,
    ],
    [Math.ceil(classCount / 32)],
    [
      { u32: classCount },
      { f32: 1 / (classCount * options.negNum) },
      { f32: options.R },
      { f32: options.B },
      { f32: options.A },
      { f32: options.threshold },
      { f32: options.upper },
      { f32: options.marginpos },
    ],
  );
}

/**
 * The gradient with respect to the descriptors: every row gathers the pairs that it takes part in, in a fixed order.
 * The last block's rows from sampleCount on get zero.
 *
 * @param pairs u32 [C, 4]: (i, j⁺, i′, j⁻)
 * @param coefficients [C, 2], of {@linkcode descriptorLossTerms}
 * @param chain scratch: u32 `head` [≥ samples] and `next` [≥ classes]
 * @param gradient [B, 128, 32], added to when `accumulate`
 * @throws {GpuError} when the gradient has another shape than the descriptors
 */
export function descriptorLossGradient(
  recorder: Recorder,
  batch: LabelledDescriptors,
  pairs: Tensor,
  coefficients: Tensor,
  chain: { head: Tensor; next: Tensor },
  gradient: Tensor,
  accumulate: boolean,
): void {
  const { descriptors, classOfRow, sampleCount, classCount } = batch;
  assertShape(
    "descriptorLossGradient",
    "gradient",
    gradient,
    descriptors.shape,
  );
  recorder.clear(chain.head);
  recorder.dispatch(
    kernel(recorder.gpu, "negative_chain", chainSource),
    [pairs, chain.head, chain.next],
    [Math.ceil(classCount / 32)],
    [{ u32: classCount }],
  );
  recorder.dispatch(
    kernel(recorder.gpu, "descriptor_loss_gradient", gradientSource, {
      DIMENSION: descriptorDimension,
      L: samplesPerBlock,
      CHUNK: chunk,
    }),
    [
      descriptors,
      classOfRow,
      pairs,
      coefficients,
      chain.head,
      chain.next,
      gradient,
    ],
    [Math.ceil(sampleCount / samplesPerBlock), descriptorDimension / chunk],
    [{ u32: sampleCount }, { u32: accumulate ? 1 : 0 }],
  );
}

/**
 * Sums over classes into `statistics` [leadingFigures + levelBins + weightBins]: the loss without its constant, a, b,
 * weights of 0, both medians, B/2, the histogram of levels and that of weights; added to when `accumulate`.
 */
export function descriptorLossStatistics(
  recorder: Recorder,
  tensors: LossTensors,
  statistics: Tensor,
  classCount: number,
  accumulate: boolean,
): void {
  const figures = leadingFigures + levelBins + weightBins;
  assertShape("descriptorLossStatistics", "statistics", statistics, [figures]);
  recorder.dispatch(
    kernel(recorder.gpu, "descriptor_loss_statistics", statisticsSource, {
      LEVEL_BINS: levelBins,
      WEIGHT_BINS: weightBins,
    }),
    [tensors.distance, tensors.terms, tensors.medians, statistics],
    [Math.ceil(figures / 32)],
    [{ u32: classCount }, { u32: accumulate ? 1 : 0 }],
  );
}
