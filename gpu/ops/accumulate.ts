import { GpuError } from "../errors.ts";
import { kernel } from "../kernel.ts";
import { type Recorder, type TensorSlice, unsigned } from "../recorder.ts";
import type { Tensor } from "../tensor.ts";
import source from "../wgsl/optimizer/accumulate.wgsl" with { type: "text" };

const group = 64;
/** Totals of one dispatch. */
const mostTotals = 4;

/**
 * total_k[i] ← total_k[i] + Σ_p partial[p·stride + k·size + i], parts in order.
 *
 * partial [parts, stride], of which the first elements belong to the totals, `size` to each.
 *
 * @param totals one to four slices of one tensor, all of one size
 * @throws {GpuError} when they are not
 */
export function accumulate(
  recorder: Recorder,
  partial: Tensor,
  totals: readonly TensorSlice[],
  parts: number,
  stride: number,
): void {
  const [{ tensor, size }] = totals;
  const isAlike = (total: TensorSlice) =>
    total.tensor === tensor && total.size === size;
  if (totals.length > mostTotals || !totals.every(isAlike)) {
    throw new GpuError({
      attempt: "run accumulate",
      where: tensor.label,
      found: `${totals.length} totals`,
      wanted: `at most ${mostTotals}, of one tensor and one size`,
    });
  }
  const firsts = Array.from(
    { length: mostTotals },
    (_, k) => totals[k]?.offset ?? 0,
  );
  recorder.dispatch(
    kernel(recorder.gpu, "accumulate", source, { GROUP: group }),
    [partial, tensor],
    [Math.ceil(size / group), totals.length],
    unsigned(parts, stride, size, 0, ...firsts),
  );
}
