import { kernel } from "../kernel.ts";
import { type Recorder, type TensorSlice, unsigned } from "../recorder.ts";
import type { Tensor } from "../tensor.ts";
import source from "../wgsl/optimizer/accumulate.wgsl" with { type: "text" };

const group = 64;

/**
 * total[i] ← total[i] + Σ_p partial[p·stride + offset + i], parts in order.
 *
 * partial [parts, stride], of which `total.size` elements from `offset` on belong to this total.
 */
export function accumulate(
  recorder: Recorder,
  partial: Tensor,
  total: TensorSlice,
  parts: number,
  stride: number,
  offset = 0,
): void {
  recorder.dispatch(
    kernel(recorder.gpu, "accumulate", source, { GROUP: group }),
    [partial, total],
    [Math.ceil(total.size / group)],
    unsigned(parts, stride, offset, total.size),
  );
}
