import { kernel } from "../kernel.ts";
import { samplesPerBlock } from "../labelled_descriptors.ts";
import { batchSumThreads, sumOfPartsInclude } from "../normalization.ts";
import type { Recorder } from "../recorder.ts";
import type { Tensor } from "../tensor.ts";
import { assertShape } from "../tensor_checks.ts";
import statisticsSource from "../wgsl/normalization/batch_statistics.wgsl" with {
  type: "text",
};
import normalizeSource from "../wgsl/normalization/normalize_descriptor.wgsl" with {
  type: "text",
};
import runningSource from "../wgsl/normalization/running_statistics.wgsl" with {
  type: "text",
};

/** Added to the variance under the root. */
export const batchNormEpsilon = 1e-5;
const momentum = 0.1;
const group = 8;

/** Mean and variance (or inverse deviation) per channel: [2, C]. */
export type Statistics = Tensor;

function groups(threads: number): [number] {
  return [Math.ceil(threads / group)];
}

/**
 * statistics = (mean, 1/√(variance + 1e-5)) of the first `count` rows of z, and running ← 0.9·running + 0.1·(mean,
 * unbiased variance).
 *
 * z [all, C], statistics and running [2, C]. Source: PyTorch's BatchNorm2d without affine parameters, training mode.
 *
 * @throws {GpuError} when a shape does not fit
 */
export function batchStatistics(
  recorder: Recorder,
  tensors: { z: Tensor; statistics: Statistics; running: Statistics },
  count: number,
): void {
  const { z, statistics, running } = tensors;
  const [, channels] = z.shape;
  assertShape("batchStatistics", "statistics", statistics, [2, channels]);
  assertShape("batchStatistics", "running", running, [2, channels]);
  recorder.dispatch(
    kernel(recorder.gpu, "batch_statistics", statisticsSource, {
      C4: channels / 4,
      EPSILON: { f32: batchNormEpsilon },
      MOMENTUM: { f32: momentum },
      GROUP: batchSumThreads,
    }, sumOfPartsInclude),
    [z, statistics, running],
    [channels / 4],
    [{ u32: count }],
  );
}

/**
 * statistics = (running mean, 1/√(running variance + 1e-5)): what inference mode normalises with.
 *
 * @throws {GpuError} when a shape does not fit
 */
export function runningStatistics(
  recorder: Recorder,
  tensors: { running: Statistics; statistics: Statistics },
): void {
  const { running, statistics } = tensors;
  const channels = running.shape[1];
  assertShape("runningStatistics", "statistics", statistics, [2, channels]);
  recorder.dispatch(
    kernel(recorder.gpu, "running_statistics", runningSource, {
      C4: channels / 4,
      EPSILON: { f32: batchNormEpsilon },
      GROUP: group,
    }),
    [running, statistics],
    groups(channels / 4),
  );
}

/**
 * ẑ = (z − mean)·inverse deviation;  e = ẑ / max(‖ẑ‖, 1e-12).
 *
 * z [all, C]; descriptors [all/32, C, 32] in blocks of 32 samples, as the loss reads them; norm [all] keeps ‖ẑ‖. All
 * rows are computed.
 *
 * @throws {GpuError} when a shape does not fit
 */
export function normalizeDescriptors(
  recorder: Recorder,
  tensors: {
    z: Tensor;
    statistics: Statistics;
    descriptors: Tensor;
    norm: Tensor;
  },
): void {
  const { z, statistics, descriptors, norm } = tensors;
  const [all, channels] = z.shape;
  assertShape("normalizeDescriptors", "descriptors", descriptors, [
    Math.ceil(all / samplesPerBlock),
    channels,
    samplesPerBlock,
  ]);
  assertShape("normalizeDescriptors", "norm", norm, [all]);
  recorder.dispatch(
    kernel(recorder.gpu, "normalize_descriptor", normalizeSource, {
      C4: channels / 4,
      GROUP: group,
    }),
    [z, statistics, descriptors, norm],
    groups(all),
  );
}
