import type { Gpu } from "../../../gpu/device.ts";
import { DescriptorLoss } from "../../../gpu/nn/training/descriptor_loss.ts";
import type { LossStatistics } from "../../../gpu/nn/training/loss_statistics.ts";
import type { LossOptions } from "../../../gpu/ops/losses/loss_terms.ts";
import { Recorder } from "../../../gpu/recorder.ts";
import { Arena } from "../../../gpu/tensor.ts";
import {
  annealingLoss,
  balanceLoss,
  type DescriptorLoss as ReferenceLoss,
  expTeacherLoss,
  tripletMarginLoss,
  tripletTeacherLoss,
} from "../../reference/descriptor_loss.ts";
import { tensorOf } from "../../reference/tensor.ts";
import {
  clusteredDescriptors,
  type DescriptorBatch,
  fromBlocks,
  toBlocks,
  upload,
} from "./descriptor_batch.ts";

/** The authors' options of stage 1. */
export const stage1: LossOptions = {
  kind: "ExpTeacher",
  R: 1,
  B: 3.7,
  A: 1.05,
  useStB: true,
  threshold: -0.55,
  upper: 0.1,
  marginpos: 1,
  negNum: 1,
};

/** Options under which weights are 0, 1 and between, and the clamp acts on some pairs. */
export const selective: LossOptions = {
  ...stage1,
  useStB: false,
  B: 2.45,
  threshold: -0.02,
  upper: 1,
};

const annealing: LossOptions = {
  ...stage1,
  kind: "tripletMargin++",
  B: 4.25,
  useStB: false,
  threshold: -0.1,
};

/** Annealing with a bound that acts and weights of both kinds. */
export const boundAnnealing: LossOptions = {
  ...annealing,
  B: 2.4,
  threshold: 0.02,
};

/** Triplets with and without violation, under weights of 0, 1 and between. */
export const weightedTriplet: LossOptions = {
  ...selective,
  kind: "tripletTeacher",
  upper: 0.05,
  marginpos: 0.3,
};

/** One set of options for every path through the losses. */
export const lossCases: readonly (readonly [string, LossOptions])[] = [
  ["ExpTeacher with the data's zero position", stage1],
  ["ExpTeacher with constant B", { ...stage1, useStB: false, B: 2.1 }],
  ["ExpTeacher with weights of all kinds", selective],
  ["ExpTeacher with equal thresholds", { ...stage1, upper: -0.55 }],
  ["ExpTeacher in three rounds", { ...stage1, negNum: 3 }],
  ["balance", { ...stage1, kind: "balance", R: 1.5, A: 0.2 }],
  ["tripletMargin++", annealing],
  ["tripletMargin++ with a bound that acts", boundAnnealing],
  ["tripletMargin_o", { ...stage1, kind: "tripletMargin_o", marginpos: 0.1 }],
  ["tripletTeacher", weightedTriplet],
];

/** 37 classes of 1 to 4 rows, 91 in all, so that the last block is not full. */
export const classSizes = Array.from({ length: 37 }, (_, c) => 1 + (c * 7) % 4);
export const batch = clusteredDescriptors(classSizes, 21, 1.3);
export const teacher = clusteredDescriptors(classSizes, 21, 1.5).rows;

/** What the GPU makes of a batch. */
export interface LossResult {
  statistics: LossStatistics;
  /** [classes, 4] */
  pairs: Uint32Array;
  /** [N, 128] */
  gradient: Float32Array;
  /** [B, 128, 32], padding rows included */
  blocks: Float32Array;
}

/** Runs the loss once; padding rows of every input hold `padding`. */
export async function runLoss(
  gpu: Gpu,
  inputs: DescriptorBatch,
  teacherRows: Float32Array,
  options: LossOptions,
  padding = 0.5,
): Promise<LossResult> {
  using arena = new Arena(gpu);
  using recorder = new Recorder(gpu);
  const samples = inputs.labels.length;
  const uploaded = upload(arena, inputs, padding);
  const shape = uploaded.descriptors.shape;
  using loss = new DescriptorLoss(gpu, {
    samples,
    classes: uploaded.classCount,
  });
  const gradient = arena.tensorOf(
    "gradient",
    shape,
    new Float32Array(shape[0] * 4096).fill(7),
  );
  const teacherBlocks = toBlocks(teacherRows, padding);
  loss.record(
    recorder,
    {
      ...uploaded,
      teacher: arena.tensorOf("teacher", shape, teacherBlocks),
    },
    options,
    gradient,
  );
  recorder.submit();
  const blocks = await gradient.readFloats();
  return {
    statistics: await loss.readStatistics(),
    pairs: await loss.readPairs(),
    blocks,
    gradient: fromBlocks(blocks, samples),
  };
}

/** The float64 reference of {@linkcode runLoss}. */
export function referenceLoss(
  inputs: DescriptorBatch,
  teacherRows: Float32Array,
  options: LossOptions,
): ReferenceLoss {
  const shape = [inputs.labels.length, 128];
  const rows = tensorOf(shape, inputs.rows);
  const { R, B, A, threshold, upper, marginpos } = options;
  const balance = {
    R,
    B,
    A,
    use_stB: options.useStB,
    neg_num: options.negNum,
  };
  switch (options.kind) {
    case "ExpTeacher":
      return expTeacherLoss(rows, tensorOf(shape, teacherRows), inputs.labels, {
        ...balance,
        threshold,
        upper,
      });
    case "balance":
      return balanceLoss(rows, inputs.labels, balance);
    case "tripletMargin++":
      return annealingLoss(rows, inputs.labels, { R, B, threshold });
    case "tripletMargin_o":
      return tripletMarginLoss(rows, inputs.labels, marginpos);
    case "tripletTeacher":
      return tripletTeacherLoss(
        rows,
        tensorOf(shape, teacherRows),
        inputs.labels,
        { marginpos, threshold, upper },
      );
    default:
      throw new RangeError(`${options.kind} has a twin of another kind`);
  }
}
