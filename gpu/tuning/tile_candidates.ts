import { type Convolution, sampleGroup } from "../convolution.ts";
import type { DeviceClass } from "../device_class.ts";
import { reorderedProducts } from "../tiles/shared_product.ts";
import { wantedWorkgroupBytes } from "../tiles/shared_tile.ts";
import {
  type CutKernel,
  isEnd,
  type TiledKernel,
  type TileSizes,
  type WinogradSizes,
} from "../tiles/tile_sizes.ts";
import {
  isReordered,
  sharedTilesOf,
  sizeAlone,
  type Tile,
  tileOf,
  tilesOfClass,
  tileText,
  twoKernels,
} from "../tiles.ts";
import { wholeMapGradientTileOf, wholeMapTileOf } from "../whole_map_tiles.ts";

/** Sizes worth measuring beside the standard one. */
type Sizes<K extends CutKernel> = {
  readonly [Name in K]: readonly TileSizes[Name][];
};

/** One or two a kernel, because each costs a second of compiling there. */
const softwareSizes: Sizes<CutKernel> = {
  conv3x3: [[2, 4], [2, 8]],
  conv3x3_transposed: [[1, 8]],
  conv3x3_weight_gradient: [[1]],
  winograd_product: [[4, 8], [8, 4]],
  winograd_weight_product: [[2, 4], [4, 2]],
  dense: [[4, 4], [8, 2]],
  dense_input_gradient: [[8, 1]],
  dense_weight_gradient: [[1, 4], [2, 4]],
};

/** From 16 to 128 sums a thread: what the registers of today's GPUs hold at one occupancy or another. */
const gpuSizes: Sizes<Exclude<CutKernel, keyof WinogradSizes>> = {
  conv3x3: [[1, 2], [1, 4], [2, 2], [2, 4]],
  conv3x3_transposed: [[1, 1], [1, 2], [2, 2], [1, 4]],
  conv3x3_weight_gradient: [[1], [3]],
  dense: [[2, 1], [4, 1], [4, 2], [8, 2]],
  dense_input_gradient: [[2, 1], [4, 1], [8, 1], [4, 2]],
  dense_weight_gradient: [[1, 1], [1, 2], [2, 2], [2, 4]],
};

/** Threads of a workgroup worth measuring. The software adapter's lanes are eight, and its groups run one by one. */
const groupsOfClass: Readonly<Record<DeviceClass, readonly number[]>> = {
  software: [8],
  integrated: [32, 64, 128],
  discrete: [32, 64, 128, 256],
};

/** Whether whole tiles cover the work. */
const fits: {
  readonly [K in CutKernel]: (
    size: TileSizes[K],
    shape: Convolution,
  ) => boolean;
} = {
  conv3x3: coversPixels,
  conv3x3_transposed: coversPixels,
  conv3x3_weight_gradient: ([tapRows]) => 3 % tapRows === 0,
  winograd_product: ([tiles, outputs4], { size, outputChannels }) =>
    sampleGroup * (size / 4) ** 2 % tiles === 0 &&
    outputChannels / 4 % outputs4 === 0,
  winograd_weight_product: coversChannels,
  dense: ([samples, outputs4], { outputChannels }) =>
    sampleGroup % samples === 0 && outputChannels / 4 % outputs4 === 0,
  dense_input_gradient: ([samples, inputs4], { inputChannels }) =>
    sampleGroup % samples === 0 && inputChannels / 4 % inputs4 === 0,
  dense_weight_gradient: coversChannels,
};

function coversPixels(
  [rows, columns]: readonly [number, number],
  { size }: Convolution,
): boolean {
  return size % rows === 0 && size % columns === 0;
}

function coversChannels(
  [inputs4, outputs4]: readonly [number, number],
  { inputChannels, outputChannels }: Convolution,
): boolean {
  return inputChannels / 4 % inputs4 === 0 &&
    outputChannels / 4 % outputs4 === 0;
}

/** What may be measured for a kernel's work on a class of devices. */
export interface TileCandidates {
  /** Every size with the standard group, and the tiles of workgroups that share what they read; the standard tile first. */
  tiles: readonly Tile[];
  /** The groups that every tile whose threads read alone may have. */
  groups: readonly number[];
}

/**
 * The tiles worth measuring for a kernel's work on a device with `workgroupBytes` of workgroup memory.
 *
 * @throws {GpuError} when devices of the class do not have the kernel
 */
export function tileCandidates(
  deviceClass: DeviceClass,
  kernel: TiledKernel,
  shape: Convolution,
  workgroupBytes: number,
): TileCandidates {
  if (isEnd(kernel)) {
    const tiles = tilesOfClass[deviceClass];
    const one = kernel === "conv3x3_frn_tlu"
      ? wholeMapTileOf(tiles, shape, workgroupBytes)
      : wholeMapGradientTileOf(tiles, shape, workgroupBytes);
    return {
      tiles: one === undefined ? [twoKernels] : [one, twoKernels],
      groups: [],
    };
  }
  return cutCandidates(deviceClass, kernel, shape, workgroupBytes);
}

/** What a device of a class takes where nothing was measured, if it grants the workgroup memory that this program asks for. */
export function standardTile(
  deviceClass: DeviceClass,
  kernel: TiledKernel,
  shape: Convolution,
): Tile {
  const all = tileCandidates(deviceClass, kernel, shape, wantedWorkgroupBytes);
  return all.tiles[0];
}

function cutCandidates<K extends CutKernel>(
  deviceClass: DeviceClass,
  kernel: K,
  shape: Convolution,
  workgroupBytes: number,
): TileCandidates {
  const tiles = tilesOfClass[deviceClass];
  const standard: Tile = tileOf(tiles, kernel, shape);
  const all: Partial<Sizes<CutKernel>> = deviceClass === "software"
    ? softwareSizes
    : gpuSizes;
  const sizes = [sizeAlone(tiles, kernel), ...all[kernel] ?? []]
    .filter((size) => fits[kernel](size as TileSizes[K], shape));
  const isShared = standard.shared !== undefined;
  const alone = isReordered(tiles, kernel) && isShared
    ? []
    : sizes.map((size): Tile => ({ size, group: tiles.group }));
  const hasOthers = deviceClass !== "software" &&
    (isShared || !reorderedProducts.includes(kernel));
  const shared = hasOthers
    ? sharedTilesOf(tiles, kernel, shape, workgroupBytes)
    : [];
  const candidates = [standard, ...alone, ...shared]
    .map((tile) => [tileText(tile), tile] as const);
  return {
    // The first of equal ones counts for the order, and they are equal.
    tiles: [...new Map(candidates).values()],
    groups: [...new Set([tiles.group, ...groupsOfClass[deviceClass]])],
  };
}

/** Whether a tile is one of those worth measuring: what a file says may be anything. */
export function isCandidate(
  deviceClass: DeviceClass,
  kernel: TiledKernel,
  shape: Convolution,
  tile: Tile,
): boolean {
  const { tiles, groups } = tileCandidates(
    deviceClass,
    kernel,
    shape,
    wantedWorkgroupBytes,
  );
  return tiles.some((candidate) =>
    candidate.size.join() === tile.size.join() &&
    candidate.shared?.join() === tile.shared?.join() &&
    (candidate.group === tile.group ||
      candidate.shared === undefined && groups.includes(tile.group))
  );
}
