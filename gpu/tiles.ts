import type { Convolution } from "./convolution.ts";
import type { DeviceClass } from "./device_class.ts";
import { GpuError } from "./errors.ts";
import {
  isProduct,
  productCandidates,
  reorderedProducts,
  type SharedProduct,
} from "./tiles/shared_product.ts";
import {
  leastWorkgroupBytes,
  sharedCandidates,
  type SharedTile,
} from "./tiles/shared_tile.ts";
import {
  type SharedWeightGradient,
  weightGradientCandidates,
} from "./tiles/shared_weight_gradient.ts";
import { squareCandidates, type SquareTile } from "./tiles/square_tile.ts";
import { transposedSquareCandidates } from "./tiles/square_transposed.ts";
import type {
  DirectSizes,
  TiledKernel,
  TileSizes,
  WinogradTiles,
} from "./tiles/tile_sizes.ts";

/**
 * One way to cut a kernel's work. None changes the order of a sum, and so none a result, but for workgroups that share what
 * they read: see {@linkcode Tiles.sharedKernels}.
 */
export interface Tile<K extends TiledKernel = TiledKernel> {
  /** What one thread computes. */
  size: TileSizes[K];
  /** Threads of a workgroup at most; as many as {@linkcode groupThatDivides} leaves. */
  group: number;
  /** Where workgroups share what they read, as {@linkcode SharedTile} and its like have it; else every thread reads alone. */
  shared?: (
    | SharedTile
    | SquareTile
    | SharedProduct
    | SharedWeightGradient
  )["shared"];
}

/** Tiles that were measured on an adapter, by {@linkcode tileName}. */
export type TileChoice = ReadonlyMap<string, Tile>;

/** How kernels' work is cut among threads on a device. */
export interface Tiles extends DirectSizes {
  /** Threads in a workgroup. */
  group: number;
  /** Samples of a micro-batch: about 1 MiB of activations each, in 32 bits. Enough of them give every thread work. */
  microBatchSamples: number;
  /**
   * Where gradients at stride 1 go by Winograd's method, a quarter of the products with more that passes through memory: how they do;
   * elsewhere they are direct sums.
   */
  winograd?: WinogradTiles | undefined;
  /** Rows and columns one thread of nearest_rows and pool_scores compares at a time. */
  distances: readonly [rows: number, columns: number];
  /** Whether a thread of a normalisation has a row of a map, which its workgroup adds in order, and else a whole map. */
  mapRows: boolean;
  /** Whether kernels read what all threads want from uniform bindings, a dispatch for each window of them. */
  uniformWindows: boolean;
  /**
   * Kernels whose workgroups share what they read, wherever such workgroups cover the work. The 8×8 convolution, its input gradient and
   * that of stride 2 and weight gradients sum in another order then: the same whatever the tile, the batch and the micro-batch.
   */
  sharedKernels: readonly TiledKernel[];
  /**
   * Whether workgroups that share a convolution are cut into squares, which sum in another order too, for threads of few registers.
   */
  squares: boolean;
  /** What takes the place of the above where it was measured. */
  chosen?: TileChoice;
}

/** Kernels whose workgroups share what they read on GPUs. */
const sharedOnGpus: readonly TiledKernel[] = [
  "conv3x3",
  "conv3x3_transposed",
  "conv3x3_weight_gradient",
  "dense",
  "dense_input_gradient",
  "dense_weight_gradient",
];

/**
 * Tiles per device class, where none were measured.
 *
 * On the software adapter a load costs ten to twenty vec4 multiply-adds and spilled sums are cheap, so tiles are as
 * large as compile time allows. That is also why nothing is measured there unless asked: every candidate costs a
 * second of compiling. On a GPU the sums must fit the registers of a thread: 64 of them where it has up to 255 registers
 * (discrete), 32 where it may have 64 (integrated). A group is two subgroups or more of any maker.
 */
export const tilesOfClass: Readonly<Record<DeviceClass, Tiles>> = {
  software: {
    group: 8,
    conv3x3: [4, 8],
    conv3x3_transposed: [2, 8],
    conv3x3_weight_gradient: [3],
    dense: [8, 4],
    dense_input_gradient: [8, 2],
    dense_weight_gradient: [4, 4],
    microBatchSamples: 256,
    winograd: {
      winograd_product: [8, 8],
      winograd_weight_product: [4, 4],
      samples: 16,
    },
    distances: [16, 32],
    mapRows: false,
    uniformWindows: true,
    sharedKernels: [],
    squares: false,
  },
  integrated: {
    group: 64,
    conv3x3: [1, 2],
    conv3x3_transposed: [1, 1],
    conv3x3_weight_gradient: [1],
    dense: [4, 1],
    dense_input_gradient: [2, 1],
    dense_weight_gradient: [1, 2],
    microBatchSamples: 640,
    distances: [4, 8],
    mapRows: true,
    uniformWindows: false,
    sharedKernels: sharedOnGpus,
    squares: true,
  },
  discrete: {
    group: 64,
    conv3x3: [1, 4],
    conv3x3_transposed: [1, 2],
    conv3x3_weight_gradient: [1],
    dense: [4, 2],
    dense_input_gradient: [4, 1],
    dense_weight_gradient: [2, 2],
    microBatchSamples: 1024,
    distances: [4, 8],
    mapRows: true,
    uniformWindows: false,
    sharedKernels: sharedOnGpus,
    squares: false,
  },
};

/**
 * What takes the place of tiles of class "software" where large kernels compile slowly. lavapipe of Mesa 25 takes five times as
 * long for them as that of Mesa 22, and less than half as long for half a tile, which runs as fast there.
 */
export const tilesOfSlowCompilers: Partial<Tiles> = {
  conv3x3: [2, 8],
  conv3x3_transposed: [2, 4],
  conv3x3_weight_gradient: [1],
  dense_weight_gradient: [2, 4],
  winograd: {
    winograd_product: [8, 8],
    winograd_weight_product: [2, 4],
    samples: 16,
  },
};

/** A kernel with the shape of its work, as people read it: "conv3x3 32→64 at 16×16, stride 2". */
export function tileName(
  kernel: TiledKernel,
  { inputChannels, outputChannels, size, stride }: Convolution,
): string {
  return `${kernel} ${inputChannels}→${outputChannels} at ${size}×${size}` +
    (stride === 1 ? "" : `, stride ${stride}`);
}

/** The tile for a kernel's work: the measured one, else that of the device class. */
export function tileOf<K extends TiledKernel>(
  tiles: Tiles,
  kernel: K,
  shape: Convolution,
): Tile<K> {
  const measured = tiles.chosen?.get(tileName(kernel, shape));
  if (measured !== undefined) return measured as Tile<K>;
  if (tiles.sharedKernels.includes(kernel)) {
    const [shared] = sharedTilesOf(tiles, kernel, shape, leastWorkgroupBytes);
    if (shared !== undefined) return shared as Tile<K>;
  }
  return { size: sizeAlone(tiles, kernel), group: tiles.group };
}

/**
 * What a thread of a kernel computes on a device where nothing was measured and threads read alone.
 *
 * @throws {GpuError} when the kernel is one of Winograd's method and the device has direct sums
 */
export function sizeAlone<K extends TiledKernel>(
  tiles: Tiles,
  kernel: K,
): TileSizes[K] {
  const sizes: Partial<TileSizes> = kernel in tiles
    ? tiles
    : tiles.winograd ?? {};
  const size = sizes[kernel];
  if (size === undefined) {
    throw new GpuError({
      attempt: `run ${kernel}`,
      found: "a device whose gradients of stride 1 are direct sums",
      wanted: "one that has Winograd's method",
    });
  }
  return size;
}

/** The tiles of workgroups that share what they read, for a kernel's work on a device with so much workgroup memory; the best first. */
export function sharedTilesOf(
  { squares }: Pick<Tiles, "squares">,
  kernel: TiledKernel,
  shape: Convolution,
  workgroupBytes: number,
): readonly Tile[] {
  if (isProduct(kernel)) {
    return productCandidates(kernel, shape, workgroupBytes, { squares });
  }
  switch (kernel) {
    case "conv3x3":
      return squares
        ? squareCandidates(shape, workgroupBytes)
        : sharedCandidates(shape, workgroupBytes);
    case "conv3x3_transposed":
      return transposedSquareCandidates(shape, workgroupBytes);
    case "conv3x3_weight_gradient":
      return weightGradientCandidates(shape, workgroupBytes, { squares });
    default:
      return [];
  }
}

/** Whether a kernel's sums run in another order on such a device where workgroups share what they read. */
export function isReordered(
  { sharedKernels, squares }: Pick<Tiles, "sharedKernels" | "squares">,
  kernel: TiledKernel,
): boolean {
  return sharedKernels.includes(kernel) &&
    (reorderedProducts.includes(kernel) ||
      kernel === "conv3x3_weight_gradient" || kernel === "conv3x3_transposed" ||
      squares && kernel === "conv3x3");
}

/** In place of a tile of one kernel for a convolution and what follows it: two kernels, each with a tile of its own. */
export const twoKernels: Tile = { size: [0, 0], group: 0 };

/** A tile as people read it, what a thread computes and the threads of a group: "2×8 by 64", or "1×8, 8 of 64 channels, by 256". */
export function tileText({ size, group, shared }: Tile): string {
  if (group === 0) return "two kernels";
  const pixels = size.join("×");
  if (shared === undefined) return `${pixels} by ${group}`;
  const [outputs4, channels] = shared;
  return `${pixels}, ${4 * outputs4} of ${channels} channels, by ${group}`;
}

/**
 * Threads of a workgroup, at most `most`, such that whole workgroups cover `threads` and every multiple of it: kernels have
 * no guard against a thread too many.
 */
export function groupThatDivides(threads: number, most: number): number {
  let [divisor, rest] = [most, threads];
  while (rest > 0) [divisor, rest] = [rest, divisor % rest];
  return divisor;
}
