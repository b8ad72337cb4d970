import { kernel } from "../kernel.ts";
import { batchSumThreads, sumOfPartsInclude } from "../normalization.ts";
import type { Recorder } from "../recorder.ts";
import type { Tensor } from "../tensor.ts";
import { assertShape } from "../tensor_checks.ts";
import backwardSource from "../wgsl/normalization/batch_norm_backward.wgsl" with {
  type: "text",
};
import sumsSource from "../wgsl/normalization/batch_norm_sums.wgsl" with {
  type: "text",
};
import normGradientSource from "../wgsl/normalization/norm_gradient.wgsl" with {
  type: "text",
};
import normalizeBackwardSource from "../wgsl/normalization/normalize_descriptor_backward.wgsl" with {
  type: "text",
};

const group = 8;
/** Of the kernel that has a thread for every four channels of a sample: a batch of 65,536 samples keeps below the most workgroups. */
const elementGroup = 64;

function groups(threads: number, size = group): [number] {
  return [Math.ceil(threads / size)];
}

/**
 * The gradient of {@linkcode normalizeDescriptors} with batch statistics: ∂ẑ = (∂e − e·(e·∂e))/‖ẑ‖ + e·∂‖ẑ‖, then
 * ∂z = inverse deviation · (∂ẑ − mean(∂ẑ) − ẑ·mean(∂ẑ·ẑ)).
 *
 * Rows from `count` on, which pad the batch, get zero. sums [2, C] is scratch; normGradient ∂‖ẑ‖ [≥ count] may be absent.
 *
 * @throws {GpuError} when a shape does not fit
 */
export function normalizeDescriptorsBackward(
  recorder: Recorder,
  tensors: {
    z: Tensor;
    statistics: Tensor;
    descriptors: Tensor;
    norm: Tensor;
    descriptorGradient: Tensor;
    sums: Tensor;
    dz: Tensor;
    normGradient?: Tensor;
  },
  count: number,
): void {
  const { z, statistics, descriptors, norm, descriptorGradient, sums, dz } =
    tensors;
  const { normGradient } = tensors;
  const [all, channels] = z.shape;
  const op = "normalizeDescriptorsBackward";
  assertShape(op, "descriptorGradient", descriptorGradient, descriptors.shape);
  assertShape(op, "dz", dz, z.shape);
  assertShape(op, "sums", sums, [2, channels]);
  const constants = { C4: channels / 4, GROUP: group };
  const uniform = [{ u32: count }];
  recorder.dispatch(
    kernel(
      recorder.gpu,
      "normalize_descriptor_backward",
      normalizeBackwardSource,
      constants,
    ),
    [descriptors, descriptorGradient, norm, dz],
    groups(all),
    uniform,
  );
  if (normGradient !== undefined) {
    recorder.dispatch(
      kernel(recorder.gpu, "norm_gradient", normGradientSource, constants),
      [descriptors, normGradient, dz],
      groups(count),
      uniform,
    );
  }
  recorder.dispatch(
    kernel(recorder.gpu, "batch_norm_sums", sumsSource, {
      C4: channels / 4,
      GROUP: batchSumThreads,
    }, sumOfPartsInclude),
    [z, dz, statistics, sums],
    [channels / 4],
    uniform,
  );
  recorder.dispatch(
    kernel(recorder.gpu, "batch_norm_backward", backwardSource, {
      ...constants,
      GROUP: elementGroup,
    }),
    [z, statistics, sums, dz],
    groups(all * channels / 4, elementGroup),
    uniform,
  );
}
