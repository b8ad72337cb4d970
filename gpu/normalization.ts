import { GpuError } from "./errors.ts";
import { randomInclude, streamUniform } from "./random.ts";
import type { RandomStream } from "./random_bits.ts";
import type { TensorSlice, UniformValue } from "./recorder.ts";
import { assertSize } from "./tensor_checks.ts";
import type { Tiles } from "./tiles.ts";
import dropoutSource from "./wgsl/lib/dropout.wgsl" with { type: "text" };
import partsSource from "./wgsl/lib/sum_of_parts.wgsl" with { type: "text" };

/** γ, β and τ of one normalisation, [C] each. */
export interface FrnTluParameters {
  gamma: TensorSlice;
  beta: TensorSlice;
  tau: TensorSlice;
}

/**
 * The part of a tensor that holds a normalisation's γ, β and τ, and the bias of the convolution before it where that is told, to be bound
 * as one, and the vec4 of it that each begins with: a kernel may have eight bindings.
 *
 * @throws {GpuError} when one has another number of channels, or they are of several tensors
 */
export function parameterSpan(
  op: string,
  { bias, gamma, beta, tau }: FrnTluParameters & { bias?: TensorSlice },
  channels: number,
): { span: TensorSlice; places: number[] } {
  const norms = { gamma, beta, tau };
  const parameters: Record<string, TensorSlice> = bias === undefined
    ? norms
    : { bias, ...norms };
  const [[first, { tensor }]] = Object.entries(parameters);
  for (const [name, slice] of Object.entries(parameters)) {
    assertSize(op, name, slice, channels);
    if (slice.tensor === tensor) continue;
    throw new GpuError({
      attempt: `run ${op}`,
      where: name,
      found: "a parameter of another tensor",
      wanted: `all in the ${first}'s`,
    });
  }
  const offsets = Object.values(parameters).map(({ offset }) => offset);
  const offset = Math.min(...offsets);
  const size = Math.max(...offsets) + channels - offset;
  return {
    span: { tensor, offset, size },
    places: offsets.map((at) => (at - offset) / 4),
  };
}

/** Which elements are dropped: a function of the stream and of the element's place in the whole batch. */
export interface Dropout {
  rate: number;
  stream: RandomStream;
  /** Place of the tensor's first sample in the whole batch. */
  firstSample: number;
}

/** The dropout as the last values of a kernel's `Params`; without one, of no effect. */
export function dropoutUniform(dropout: Dropout | undefined): UniformValue[] {
  const stream = dropout?.stream ?? { a: 0, b: 0, c: 0 };
  return [
    ...streamUniform(stream),
    { u32: dropout?.firstSample ?? 0 },
    { f32: dropout?.rate ?? 0 },
  ];
}

/** Texts behind `#include "random"` and `#include "dropout"`. */
export const dropoutInclude: Readonly<Record<"random" | "dropout", string>> = {
  ...randomInclude,
  dropout: dropoutSource,
};

/** Text behind `#include "sum_of_parts"`. */
export const sumOfPartsInclude: Readonly<Record<"sum_of_parts", string>> = {
  sum_of_parts: partsSource,
};

/**
 * Threads of a workgroup that sums over a batch, 64 samples each: one round for the authors' 7,680. The order of the sum does not
 * depend on it.
 */
export const batchSumThreads = 128;

/** Columns of every row that a workgroup takes into its memory at a time, where a thread has a row: 5 KiB of x and 5 of ∂y. */
export const segmentColumns = 4;

/** How a normalisation of `maps` maps of side × side is given to threads. */
export interface MapThreads {
  /** Whether a thread has a row of a map, and else all of it. */
  byRows: boolean;
  /** Threads together. */
  threads: number;
  /** The most that a workgroup may have. */
  most: number;
}

/** A thread for each row where the device wants it and workgroups hold whole maps, else for each map. */
export function mapThreads(
  { mapRows, group }: Tiles,
  maps: number,
  side: number,
): MapThreads {
  const byRows = mapRows && side % segmentColumns === 0 &&
    group % side === 0 && maps * side % group === 0;
  return { byRows, threads: byRows ? maps * side : maps, most: group };
}
