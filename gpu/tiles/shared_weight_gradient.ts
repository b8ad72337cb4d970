import type { Convolution } from "../convolution.ts";
import { vectorBytes } from "./vector_bytes.ts";

/** A cut of a convolution's weight gradient for workgroups whose threads share what they read. */
export interface SharedWeightGradient {
  /** Rows of taps that a thread computes: all three at stride 1, with a window of the input in registers. */
  size: readonly [tapRows: 1 | 3];
  /** Threads of a workgroup, always as many. */
  group: number;
  /** Blocks of four output channels that a thread computes, and output channels of a workgroup. */
  shared: readonly [outputs4: number, channels: number];
}

/** Rows of the output that one partial sum of a weight gradient covers. */
export const rowGroup = 8;

const tapRows = 3;
/** Columns of the gradient that threads go along at most: their sums run strip by strip, whatever the tile. */
const widestStrip = 8;

/** Whether a tile is one for workgroups whose threads share what they read. */
export function isSharedWeightGradient(
  tile: { size: readonly number[]; group: number; shared?: readonly number[] },
): tile is SharedWeightGradient {
  return tile.shared !== undefined;
}

/** Whether its threads compute all nine taps of two inputs, and else a row of taps of four. */
export function isWindow({ size: [rows] }: SharedWeightGradient): boolean {
  return rows === tapRows;
}

/** Blocks of four input channels of a workgroup: what is left of its threads beside rows of taps and outputs. */
export function inputs4OfGroup(tile: SharedWeightGradient): number {
  const { group, shared: [outputs4, channels] } = tile;
  const threads = group / (channels / (4 * outputs4));
  return isWindow(tile) ? threads / 2 : threads / tapRows;
}

/** vec4 from one pixel of the gradient to the next in workgroup memory, odd so that neighbouring threads write other banks. */
export function gradientVectors(
  { shared: [, channels] }: SharedWeightGradient,
): number {
  return channels / 4 | 1;
}

/** Columns of a strip of the gradient. */
export function gradientStrip({ size }: Convolution): number {
  return Math.min(size, widestStrip);
}

/** Rows of the gradient that a workgroup takes into its memory at once, and a window meets. */
export function rowsAtOnce({ size, stride }: Convolution): number {
  return stride === 1 && size % 4 === 0 ? 4 : 2;
}

/** vec2, of two inputs each, from one column of the input to the next where threads have a window, odd for the same reason. */
export function windowColumnPairs(tile: SharedWeightGradient): number {
  return 2 * inputs4OfGroup(tile) | 1;
}

/** Bytes of workgroup memory: the rows of the input, and of the gradient. */
function bytesOfGroup(shape: Convolution, tile: SharedWeightGradient): number {
  const { stride } = shape;
  const strip = gradientStrip(shape);
  const gradientRows = rowsAtOnce(shape);
  const rows = stride * (gradientRows - 1) + tapRows;
  const columns = stride * (strip - 1) + tapRows;
  const column = isWindow(tile)
    ? windowColumnPairs(tile) / 2
    : inputs4OfGroup(tile);
  return vectorBytes *
    (rows * columns * column + gradientRows * strip * gradientVectors(tile));
}

/** Whether whole strips, and as many rows as are taken at once, cover the maps. */
function coversMaps(shape: Convolution): boolean {
  const { size } = shape;
  const rows = Math.min(size, rowGroup);
  return size % rows === 0 && rows % rowsAtOnce(shape) === 0 &&
    size % gradientStrip(shape) === 0;
}

/** Outputs and threads of workgroups with a window, 72 sums a thread: large ones load less, small ones leave no multiprocessor half empty. */
const windowTiles: readonly SharedWeightGradient[] = [
  { size: [3], group: 64, shared: [1, 32] },
  { size: [3], group: 128, shared: [1, 32] },
  { size: [3], group: 128, shared: [1, 64] },
];

/** The same at stride 2, 96 sums a thread. */
const rowTiles: readonly SharedWeightGradient[] = [
  { size: [1], group: 96, shared: [2, 64] },
  { size: [1], group: 192, shared: [2, 64] },
];

/**
 * The tiles worth having for a weight gradient on a device with so much workgroup memory, by the model's calculation the best first.
 *
 * @param options whether the device's threads have few registers, so that loads hold it, as `Tiles` has it
 */
export function weightGradientCandidates(
  shape: Convolution,
  workgroupBytes: number,
  { squares }: { squares: boolean },
): readonly SharedWeightGradient[] {
  if (!coversMaps(shape)) return [];
  const tiles = shape.stride === 1 ? windowTiles : rowTiles;
  const [small, large, ...others] = tiles;
  const ordered = squares ? [large, small, ...others] : tiles;
  return ordered.filter((tile) => {
    const inputs4 = inputs4OfGroup(tile);
    const [, channels] = tile.shared;
    return Number.isInteger(inputs4) &&
      shape.inputChannels / 4 % inputs4 === 0 &&
      shape.outputChannels % channels === 0 &&
      bytesOfGroup(shape, tile) <= workgroupBytes;
  });
}
