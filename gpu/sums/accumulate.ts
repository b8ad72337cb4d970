import { GpuError } from "../errors.ts";
import { kernel } from "../kernel.ts";
import { type Recorder, type TensorSlice, unsigned } from "../recorder.ts";
import source from "../wgsl/optimizer/accumulate.wgsl" with { type: "text" };

const group = 64;
/** Totals of one sum. */
const mostTotals = 4;
/** Sums of one dispatch: as many as its `Params` hold. */
const mostSums = 16;
/** Parts that are loaded before the first of them is added. */
const ahead = 16;

/** Totals that have their shares in the same parts. */
export interface PartialSums {
  /** [parts, ≥ all totals]: a part holds the shares of one total after the other, filled up to whole vec4 */
  partial: TensorSlice;
  /** one to four, all of one size */
  totals: readonly TensorSlice[];
  parts: number;
}

/** Elements of one part that holds shares of so many elements together. */
export function elementsOfPart(elements: number): number {
  return Math.ceil(elements / 4) * 4;
}

/**
 * total_k[i] ← total_k[i] + Σ_p part_p[k·size + i], parts in order, for all totals of all `sums`, up to 16 of them in one
 * dispatch.
 *
 * @param sums whose parts lie in one tensor, and whose totals in another one; the largest first saves every thread a search
 * @throws {GpuError} when they do not, or have too many totals or too few elements
 */
export function accumulate(
  recorder: Recorder,
  sums: readonly PartialSums[],
): void {
  for (const sum of sums) requireSound(sum, sums[0]);
  const compiled = kernel(recorder.gpu, "accumulate", source, {
    SUMS: mostSums,
    AHEAD: ahead,
    GROUP: group,
  });
  for (let from = 0; from < sums.length; from += mostSums) {
    const some = sums.slice(from, from + mostSums);
    const values = new Array<number>(8 * mostSums).fill(0);
    let groups = 0;
    for (const [index, { partial, totals, parts }] of some.entries()) {
      const [{ size }] = totals;
      const elements = totals.length * size;
      const firsts = totals.map(({ offset }) => offset);
      const row = [size, elements, partial.offset, parts, ...firsts];
      for (const [at, value] of row.entries()) values[8 * index + at] = value;
      groups += Math.ceil(elements / group);
    }
    recorder.dispatch(
      compiled,
      [sums[0].partial.tensor, sums[0].totals[0].tensor],
      [groups],
      unsigned(...values),
    );
  }
}

function requireSound(
  { partial, totals, parts }: PartialSums,
  first: PartialSums,
): void {
  const [{ tensor }] = first.totals;
  const [{ size }] = totals;
  const isAlike = totals.length <= mostTotals &&
    totals.every((total) => total.tensor === tensor && total.size === size) &&
    partial.tensor === first.partial.tensor;
  if (!isAlike) {
    throw new GpuError({
      attempt: "run accumulate",
      where: tensor.label,
      found: `${totals.length} totals`,
      wanted:
        `at most ${mostTotals}, of one tensor and one size, with parts in one tensor`,
    });
  }
  const wanted = parts * elementsOfPart(totals.length * size);
  if (partial.size < wanted) {
    throw new GpuError({
      attempt: "run accumulate",
      where: partial.tensor.label,
      found: `${partial.size} elements`,
      wanted: `at least ${wanted} for ${parts} parts`,
    });
  }
}
