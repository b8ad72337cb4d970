import { GpuError } from "./errors.ts";
import type { Tensor } from "./tensor.ts";

/** Samples that stand innermost in activations and descriptors. */
export const samplesPerBlock = 32;
/** Components of a descriptor. */
export const descriptorDimension = 128;

/** A batch of descriptors sorted by class. */
export interface LabelledDescriptors {
  /** [B, 128, 32], unit columns; B·32 ≥ sampleCount */
  descriptors: Tensor;
  /** u32 [≥ sampleCount]: 0 … classCount − 1, ascending */
  classOfRow: Tensor;
  /** u32 [≥ classCount + 1]: where each class's rows begin; the last entry is sampleCount */
  firstRowOfClass: Tensor;
  sampleCount: number;
  classCount: number;
}

/** The most rows and classes a batch may have. */
export interface BatchCapacity {
  samples: number;
  classes: number;
}

/**
 * Requires a batch that `op` has room for, of the right shapes.
 *
 * @throws {GpuError} when it exceeds the capacity or a shape is wrong
 */
export function assertBatch(
  op: string,
  batch: LabelledDescriptors,
  capacity: BatchCapacity,
): void {
  const { descriptors, classOfRow, firstRowOfClass } = batch;
  const { sampleCount, classCount } = batch;
  const check = (
    holds: boolean,
    where: string,
    found: string,
    wanted: string,
  ) => {
    if (!holds) {
      throw new GpuError({ attempt: `run ${op}`, where, found, wanted });
    }
  };
  check(
    sampleCount >= 1 && sampleCount <= capacity.samples,
    "sampleCount",
    String(sampleCount),
    `1 to ${capacity.samples}`,
  );
  check(
    classCount >= 2 && classCount <= Math.min(capacity.classes, sampleCount),
    "classCount",
    String(classCount),
    `2 to ${Math.min(capacity.classes, sampleCount)}`,
  );
  const [blocks, components, lanes] = descriptors.shape;
  check(
    descriptors.shape.length === 3 && blocks * samplesPerBlock >= sampleCount &&
      components === descriptorDimension && lanes === samplesPerBlock,
    "descriptors",
    `shape [${descriptors.shape.join(", ")}]`,
    `[at least ${
      Math.ceil(sampleCount / samplesPerBlock)
    }, ${descriptorDimension}, ${samplesPerBlock}]`,
  );
  check(
    classOfRow.size >= sampleCount,
    "classOfRow",
    `${classOfRow.size} entries`,
    `at least ${sampleCount}`,
  );
  check(
    firstRowOfClass.size > classCount,
    "firstRowOfClass",
    `${firstRowOfClass.size} entries`,
    `at least ${classCount + 1}`,
  );
}
