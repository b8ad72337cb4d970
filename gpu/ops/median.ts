import { GpuError } from "../errors.ts";
import { kernel } from "../kernel.ts";
import type { Recorder } from "../recorder.ts";
import type { Tensor } from "../tensor.ts";
import source from "../wgsl/loss/median.wgsl" with { type: "text" };

/** Which elements {@linkcode median} looks at and where its result goes. */
export interface MedianOptions {
  count: number;
  /** Place of the first value; 0 by default. */
  first?: number;
  /** Distance between values; 1 by default. */
  stride?: number;
  /** Element of the output that receives the median; 0 by default. */
  slot?: number;
}

/**
 * The lower median of `count` values, as torch.median: of an even number the smaller of the two middle ones.
 *
 * Ranks every value by counting, O(count²) comparisons without atomics or barriers; a value that is not a number
 * leaves the result unspecified.
 *
 * @param values f32, at least first + (count − 1)·stride + 1 elements
 * @param output f32, at least slot + 1 elements
 * @throws {GpuError} when a tensor is too small
 */
export function median(
  recorder: Recorder,
  values: Tensor,
  output: Tensor,
  options: MedianOptions,
): void {
  const { count, first = 0, stride = 1, slot = 0 } = options;
  const needed = first + (count - 1) * stride + 1;
  const attempt = "run median";
  if (count < 1 || values.size < needed) {
    throw new GpuError({
      attempt,
      where: values.label,
      found: `${values.size} values for a count of ${count}`,
      wanted: `a count of at least 1 and ${needed} values`,
    });
  }
  if (output.size <= slot) {
    throw new GpuError({
      attempt,
      where: output.label,
      found: `${output.size} elements`,
      wanted: `at least ${slot + 1}`,
    });
  }
  recorder.dispatch(
    kernel(recorder.gpu, "median", source),
    [values, output],
    [Math.ceil(count / 64)],
    [{ u32: count }, { u32: first }, { u32: stride }, { u32: slot }],
  );
}
