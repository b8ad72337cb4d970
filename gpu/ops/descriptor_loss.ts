import { kernel } from "../kernel.ts";
import {
  descriptorDimension,
  type LabelledDescriptors,
  samplesPerBlock,
} from "../labelled_descriptors.ts";
import type { Recorder } from "../recorder.ts";
import type { Tensor } from "../tensor.ts";
import { assertShape } from "../tensor_checks.ts";
import type { LossTensors } from "./losses/loss_terms.ts";
import gradientSource from "../wgsl/loss/descriptor_loss_gradient.wgsl" with {
  type: "text",
};
import statisticsSource from "../wgsl/loss/descriptor_loss_statistics.wgsl" with {
  type: "text",
};
import chainSource from "../wgsl/loss/negative_chain.wgsl" with {
  type: "text",
};

/** Equal parts of [−2, 2] in which levels are counted. */
export const levelBins = 64;
/** Equal parts of [0, 1] in which weights are counted. */
export const weightBins = 16;
/** Figures that precede the histograms: loss, a, b, zero weights, both medians, B/2. */
export const leadingFigures = 7;

const chunk = 16;

/**
 * The gradient with respect to the descriptors: every row gathers the pairs that it takes part in, in a fixed order.
 * The last block's rows from sampleCount on get zero.
 *
 * @param pairs u32 [C, 4]: (i, j⁺, i′, j⁻)
 * @param coefficients [C, 2], of the loss's terms
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
