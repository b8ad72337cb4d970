import { activationTypes } from "../../activation.ts";
import type { TensorSlice } from "../../recorder.ts";
import type { Tensor } from "../../tensor.ts";
import { assertShape } from "../../tensor_checks.ts";

/** What a convolution with the FRN and TLU after it reads and writes. */
export interface NormalizedTensors {
  input: Tensor;
  weights: TensorSlice;
  bias: TensorSlice;
  /** The convolution's output [N, K/4, H, W, 4] and the factors [N, K/4, 4] of its normalisation, for the backward pass. */
  x: Tensor;
  scale: Tensor;
  /** As x, or with a border of one pixel. */
  y: Tensor;
}

/**
 * Requires the shapes of {@linkcode NormalizedTensors} that one kernel of the whole writes, of x and scale where it keeps them.
 *
 * @returns pixels of the border of y
 * @throws {GpuError} when a shape does not fit
 */
export function assertNormalized(
  op: string,
  { x, scale, y }: Pick<NormalizedTensors, "x" | "scale" | "y">,
  [capacity, channels4, size]: readonly [
    capacity: number,
    channels4: number,
    size: number,
  ],
  keep: boolean,
): number {
  const border = (y.shape[2] - size) / 2;
  const side = size + 2 * border;
  const yShape = [capacity, channels4, side, side, 4];
  assertShape(op, "y", y, yShape, activationTypes);
  if (keep) {
    const xShape = [capacity, channels4, size, size, 4];
    assertShape(op, "x", x, xShape, activationTypes);
    assertShape(op, "scale", scale, [capacity, channels4, 4]);
  }
  return border;
}
