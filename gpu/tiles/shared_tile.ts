import { type Convolution, sampleGroup } from "../convolution.ts";
import { vectorBytes } from "./vector_bytes.ts";

/** A cut of a convolution for workgroups whose threads share what they read. */
export interface SharedTile {
  /** Pixels that a thread computes: of one row. */
  size: readonly [rows: 1, columns: number];
  /** Threads of a workgroup, always as many. */
  group: number;
  /** Blocks of four output channels that a thread computes, and output channels of a workgroup. */
  shared: readonly [outputs4: number, channels: number];
}

/** What a workgroup computes and keeps in workgroup memory. */
export interface SharedBlock {
  /** Samples, each with {@linkcode SharedBlock.rows} rows of its output. */
  samples: number;
  rows: number;
  /** Bytes of workgroup memory. */
  bytes: number;
}

/** Taps of a row × inputs of a block of four. */
const productsOfRow = 12;

/**
 * The part of a convolution that one workgroup computes: whole rows, and several samples where one has fewer pixels than
 * the workgroup's threads.
 *
 * @returns undefined where such workgroups do not cover the convolution
 */
export function sharedBlock(
  { outputChannels, size, stride }: Convolution,
  { size: [, columns], group, shared: [outputs4, channels] }: SharedTile,
): SharedBlock | undefined {
  const lanes = channels / (4 * outputs4);
  const allRows = group / lanes * columns / size;
  const rows = Math.min(size, allRows);
  const samples = allRows / rows;
  const isCovered = size % columns === 0 && Number.isInteger(lanes) &&
    outputChannels % channels === 0 && Number.isInteger(allRows) &&
    allRows > 0 && size % rows === 0 && sampleGroup % samples === 0;
  if (!isCovered) return undefined;
  const windowRows = samples * (stride * (rows - 1) + 3);
  const window = windowVectors(stride, columns);
  const windows = windowRows * (size / columns) * window;
  const weights = 3 * lanes * weightVectors(outputs4);
  return { samples, rows, bytes: vectorBytes * (windows + weights) };
}

/**
 * vec4 from one thread's window on a row of the input to the next thread's: what it reads, made odd so that neighbouring threads
 * read other banks of the memory.
 */
export function windowVectors(stride: number, columns: number): number {
  return (stride * (columns - 1) + 3) | 1;
}

/** vec4 from the weights of one thread for a row of taps to the next thread's, odd for the same reason. */
export function weightVectors(outputs4: number): number {
  return (productsOfRow * outputs4) | 1;
}

/** Whether a tile is one for workgroups whose threads share what they read. */
export function isShared(
  tile: { size: readonly number[]; group: number; shared?: readonly number[] },
): tile is SharedTile {
  return tile.shared !== undefined;
}

/** Workgroup memory that every WebGPU device has, and the most that this program asks for. */
export const leastWorkgroupBytes = 16384;
export const wantedWorkgroupBytes = 32768;

/**
 * Tiles of 64 and 128 sums a thread, by estimate the best first: 8 pixels × 8 channels do 23 multiply-adds for each vec4 loaded from
 * workgroup memory (stride 2: 19), 16 × 8 do 37, with more registers. Small workgroups fill a multiprocessor best.
 */
const sharedTiles: readonly SharedTile[] = [
  [8, 32, 64],
  [8, 64, 64],
  [8, 64, 128],
  [8, 32, 128],
  [16, 32, 128],
  [16, 64, 128],
].map(([columns, channels, group]): SharedTile => ({
  size: [1, columns],
  group,
  shared: [2, channels],
}));

/** Tiles whose workgroups hold whole maps, which can be normalised before they leave it, by stride; by the model's calculation the best first. */
const wholeMapTiles: Readonly<
  Record<Convolution["stride"], readonly SharedTile[]>
> = {
  1: [
    { size: [1, 16], group: 64, shared: [1, 16] },
    { size: [1, 16], group: 128, shared: [1, 8] },
    { size: [1, 8], group: 64, shared: [2, 32] },
  ],
  2: [
    { size: [1, 8], group: 64, shared: [2, 64] },
    { size: [1, 8], group: 128, shared: [2, 32] },
  ],
};

/**
 * The tile for a convolution whose maps are normalised by the workgroup that computes them; undefined where there is none.
 *
 * @param sumsOfRow sums over every row of a map that the workgroup keeps beside what it reads
 */
export function wholeMapTile(
  convolution: Convolution,
  workgroupBytes: number,
  sumsOfRow: number,
): SharedTile | undefined {
  return wholeMapTiles[convolution.stride].find((tile) => {
    const block = sharedBlock(convolution, tile);
    if (block === undefined || block.rows !== convolution.size) return false;
    const { bytes, samples, rows } = block;
    const sums = sumsOfRow * samples * rows * tile.shared[1] / 4;
    return bytes + vectorBytes * sums <= workgroupBytes;
  });
}

/** The tiles worth having for a convolution on a device with so much workgroup memory, by estimate the best first. */
export function sharedCandidates(
  convolution: Convolution,
  workgroupBytes: number,
): readonly SharedTile[] {
  return sharedTiles.filter((tile) => {
    const block = sharedBlock(convolution, tile);
    return block !== undefined && block.bytes <= workgroupBytes;
  });
}
