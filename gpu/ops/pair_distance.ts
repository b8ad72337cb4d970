import { kernel } from "../kernel.ts";
import {
  descriptorDimension,
  samplesPerBlock,
} from "../labelled_descriptors.ts";
import type { Recorder } from "../recorder.ts";
import type { Tensor } from "../tensor.ts";
import { assertShape } from "../tensor_checks.ts";
import source from "../wgsl/loss/pair_distance.wgsl" with { type: "text" };

/**
 * ‖x_i − x_j‖ of the first `count` pairs of rows.
 *
 * @param descriptors [B, 128, 32]
 * @param pairs u32, (i, j) after (i, j)
 * @param distance f32, one element a pair
 * @throws {GpuError} when the descriptors have another shape
 */
export function pairDistance(
  recorder: Recorder,
  descriptors: Tensor,
  pairs: Tensor,
  distance: Tensor,
  count: number,
): void {
  assertShape("pairDistance", "descriptors", descriptors, [
    descriptors.shape[0],
    descriptorDimension,
    samplesPerBlock,
  ]);
  recorder.dispatch(
    kernel(recorder.gpu, "pair_distance", source, {
      DIMENSION: descriptorDimension,
      L: samplesPerBlock,
    }),
    [descriptors, pairs, distance],
    [Math.ceil(count / 32)],
    [{ u32: count }],
  );
}
