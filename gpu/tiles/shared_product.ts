import type { Convolution } from "../convolution.ts";
import { floatBytes, vectorBytes } from "./vector_bytes.ts";

/** A cut of a matrix product for workgroups whose threads share what they read. */
export interface SharedProduct {
  /** Rows of the result, of a weight gradient blocks of four, and blocks of four columns that a thread computes. */
  size: readonly [rows: number, columns4: number];
  /** Threads of a workgroup, always as many. */
  group: number;
  /** Blocks of four columns that a thread computes, and columns of a workgroup. */
  shared: readonly [columns4: number, columns: number];
}

/** The matrix products that such workgroups compute. */
export const sharedProducts = [
  "dense",
  "dense_input_gradient",
  "dense_weight_gradient",
] as const;

/** One of {@linkcode sharedProducts}. */
export type SharedProductKernel = typeof sharedProducts[number];

/**
 * Those of them whose sums run in another order than those of threads that read alone: which of the two is taken belongs to the
 * algorithm of a device's class, and only tiles of that kind are measured there.
 */
export const reorderedProducts: readonly string[] = [
  "dense",
  "dense_input_gradient",
];

/** Terms of a sum whose operands a workgroup takes into its memory at once. */
export const slabTerms = 16;

/** Parts of the sums of z = y·w where there are enough terms for them: on graphics cards, and on GPUs of fewer multiprocessors. */
const mostParts = { many: 32, few: 16 };

/**
 * Parts of the sums of z = y·w that are summed side by side and then added in order: 8,192 terms of a hundred thousand sums would
 * leave most of a graphics card idle.
 */
export function partsOfDense(
  { inputChannels }: Convolution,
  { squares }: { squares: boolean },
): number {
  const parts = squares ? mostParts.few : mostParts.many;
  return inputChannels % (parts * slabTerms) === 0 ? parts : 1;
}

/** Whether a tile is one for workgroups whose threads share what they read. */
export function isSharedProduct(
  tile: { size: readonly number[]; group: number; shared?: readonly number[] },
): tile is SharedProduct {
  return tile.shared !== undefined;
}

/** Whether a kernel is one of {@linkcode sharedProducts}. */
export function isProduct(kernel: string): kernel is SharedProductKernel {
  return sharedProducts.some((product) => product === kernel);
}

/** Threads that compute the same rows. */
export function lanesOf({ shared: [columns4, columns] }: SharedProduct) {
  return columns / (4 * columns4);
}

/** Rows of a workgroup, of a weight gradient blocks of four. */
export function rowsOfGroup(tile: SharedProduct): number {
  return tile.group / lanesOf(tile) * tile.size[0];
}

/** Bytes of workgroup memory: the operands of {@linkcode slabTerms} terms. */
function bytesOfGroup(kernel: SharedProductKernel, tile: SharedProduct) {
  const rows = rowsOfGroup(tile);
  const columns = slabTerms * tile.shared[1] / 4;
  if (kernel === "dense_weight_gradient") {
    return vectorBytes * (slabTerms * rows + columns);
  }
  const { atOnce, stride } = rowTerms(tile);
  return atOnce * floatBytes * rows * stride + vectorBytes * columns;
}

/**
 * Terms of a row, four or two, that a thread takes from workgroup memory at once, two where it has so many rows that four of each
 * would not fit its registers; and as many of them from one row there to the next, so that neighbouring threads meet other banks.
 */
export function rowTerms(
  { size: [rows] }: SharedProduct,
): { atOnce: 4 | 2; stride: number } {
  return rows > 8
    ? { atOnce: 2, stride: slabTerms / 2 + 4 }
    : { atOnce: 4, stride: slabTerms / 4 | 1 };
}

/** Whether whole workgroups cover the columns; rows that are not there are left out. */
function covers(
  kernel: SharedProductKernel,
  { inputChannels, outputChannels }: Convolution,
  { shared: [, columns] }: SharedProduct,
): boolean {
  switch (kernel) {
    case "dense":
      return outputChannels % columns === 0 && inputChannels % slabTerms === 0;
    case "dense_input_gradient":
      return inputChannels % columns === 0 && outputChannels % slabTerms === 0;
    case "dense_weight_gradient":
      return outputChannels % columns === 0;
  }
}

/** What a thread computes: 64 sums, with 16 multiply-adds for each vec4 loaded from workgroup memory. */
const sizes: Readonly<Record<SharedProductKernel, SharedProduct["size"]>> = {
  dense: [8, 2],
  dense_input_gradient: [8, 2],
  dense_weight_gradient: [2, 2],
};

/** Where loads are dear: 80 or 96 sums, with 18 or 19 multiply-adds for each vec4. */
const largeSizes: typeof sizes = {
  dense: [10, 2],
  dense_input_gradient: [10, 2],
  dense_weight_gradient: [3, 2],
};

/** The tiles worth having for a product on a device with so much workgroup memory, by estimate the best first. */
export function productCandidates(
  kernel: SharedProductKernel,
  shape: Convolution,
  workgroupBytes: number,
  { squares }: { squares: boolean },
): readonly SharedProduct[] {
  const size = (squares ? largeSizes : sizes)[kernel];
  return [[128, 128], [128, 256], [64, 128], [64, 64]]
    .map(([columns, group]): SharedProduct => ({
      size,
      group,
      shared: [size[1], columns],
    }))
    .filter((tile) =>
      covers(kernel, shape, tile) &&
      bytesOfGroup(kernel, tile) <= workgroupBytes
    );
}
