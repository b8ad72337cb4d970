import { kernel } from "../../kernel.ts";
import type { PatchNormalization } from "../../nn/inference/inference_network.ts";
import type { Recorder, TensorSlice } from "../../recorder.ts";
import type { Tensor } from "../../tensor.ts";
import { assertShape } from "../../tensor_checks.ts";
import { groupThatDivides } from "../../tiles.ts";
import source from "../../wgsl/inference/normalize_patch.wgsl" with {
  type: "text",
};

/**
 * y = (x·unit − mean)·scale, for patches of one channel, by their own mean and deviation or by those of a set.
 *
 * x [N, H, W]; y [N, H, W], or with a border of one pixel that stays zero.
 *
 * @param size rows and columns of a patch
 * @param unit what makes values 0 … 1 of x
 * @throws {GpuError} when a shape does not fit
 */
export function normalizePatches(
  recorder: Recorder,
  normalization: PatchNormalization,
  tensors: { x: TensorSlice; y: Tensor },
  { count, size, unit }: { count: number; size: number; unit: number },
): void {
  const { x, y } = tensors;
  const [capacity, side] = y.shape;
  const border = side === size ? 0 : 1;
  const padded = size + 2 * border;
  assertShape("normalizePatches", "y", y, [capacity, padded, padded]);
  const ofSet = normalization.kind === "set";
  const group = groupThatDivides(count, recorder.gpu.tiles.group);
  const compiled = kernel(recorder.gpu, "normalize_patch", source, {
    H: size,
    W: size,
    BORDER: border,
    OF_SET: ofSet ? 1 : 0,
    MEAN: { f32: ofSet ? normalization.mean : 0 },
    DEVIATION: { f32: ofSet ? normalization.deviation : 1 },
    DIVISOR: { f32: ofSet ? 1 : normalization.divisor },
    UNDER_ROOT: { f32: ofSet ? 0 : normalization.underRoot },
    BESIDE_ROOT: { f32: ofSet ? 0 : normalization.besideRoot },
    GROUP: group,
  });
  recorder.dispatch(compiled, [x, y], [count / group], [{ f32: unit }]);
}
