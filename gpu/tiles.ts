import type { DeviceClass } from "./device.ts";

/** How a kernel's work is cut among threads. No tile changes the order of a sum, so none changes a result. */
export interface Tiles {
  /** Threads in a workgroup. */
  group: number;
  /** Rows × columns of pixels one thread of conv3x3 computes, by output width. */
  convolution: Readonly<Record<number, readonly [number, number]>>;
  /** Pixels of ∂y above which one thread of conv3x3_transposed computes 2×2 pixels each. */
  transposed: number;
  /** Rows of taps (1 or 3) one thread of conv3x3_weight_gradient sums. */
  tapRows: number;
  /** Tiles and blocks of four channels one thread of winograd_product computes. */
  product: readonly [number, number];
  /** Blocks of four inputs and of four outputs one thread of winograd_weight_product owns. */
  weightProduct: readonly [number, number];
  /** Samples and blocks of four outputs one thread of dense computes. */
  dense: readonly [number, number];
  /** Blocks of four inputs and of four outputs one thread of dense_weight_gradient owns. */
  denseGradient: readonly [number, number];
  /** Rows and columns one thread of nearest_rows and pool_scores compares at a time. */
  distances: readonly [number, number];
  /** Whether those kernels read columns from a uniform binding, a dispatch for each tile. */
  uniformColumns: boolean;
}

/**
 * Tile sizes per device class.
 *
 * On the software adapter a load costs ten to twenty vec4 multiply-adds and spilled sums are cheap, so tiles are as
 * large as compile time allows; on hardware the sums must fit the registers of a thread.
 */
export const tilesOfClass: Readonly<Record<DeviceClass, Tiles>> = {
  software: {
    group: 8,
    convolution: { 32: [2, 8], 16: [2, 8], 8: [4, 8] },
    transposed: 8,
    tapRows: 3,
    product: [8, 8],
    weightProduct: [4, 4],
    dense: [8, 4],
    denseGradient: [2, 4],
    distances: [16, 32],
    uniformColumns: true,
  },
  hardware: {
    group: 64,
    convolution: { 32: [1, 4], 16: [1, 4], 8: [1, 4] },
    transposed: 2,
    tapRows: 1,
    product: [4, 4],
    weightProduct: [2, 2],
    dense: [4, 1],
    denseGradient: [1, 2],
    distances: [4, 8],
    uniformColumns: false,
  },
};

/**
 * Threads of a workgroup, at most `most`, such that whole workgroups cover `threads` and every multiple of it: kernels have
 * no guard against a thread too many.
 */
export function groupThatDivides(threads: number, most: number): number {
  let [divisor, rest] = [most, threads];
  while (rest > 0) [divisor, rest] = [rest, divisor % rest];
  return divisor;
}
