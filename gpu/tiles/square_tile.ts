import { type Convolution, sampleGroup } from "../convolution.ts";
import type { SharedBlock } from "./shared_tile.ts";

/**
 * A cut of a convolution for workgroups whose threads share what they read, where a thread has few registers: it computes a square of
 * pixels of four channels, and sums one input channel after the other.
 */
export interface SquareTile {
  /** Pixels that a thread computes. */
  size: readonly [rows: 4, columns: 4];
  /** Threads of a workgroup, always as many. */
  group: number;
  /** Blocks of four output channels that a thread computes, and output channels of a workgroup. */
  shared: readonly [outputs4: 1, channels: number];
}

const side = 4;
const vectorBytes = 16;
const taps = 9;

/**
 * The part of a convolution that one workgroup computes: whole rows, and several samples where one has fewer pixels than
 * the workgroup's threads.
 *
 * @returns undefined where such workgroups do not cover the convolution
 */
export function squareBlock(
  { outputChannels, size, stride }: Convolution,
  { group, shared: [, channels] }: SquareTile,
): SharedBlock | undefined {
  const lanes = channels / 4;
  const allRows = group / lanes * side * side / size;
  const rows = Math.min(size, allRows);
  const samples = allRows / rows;
  const isCovered = size % side === 0 && outputChannels % channels === 0 &&
    allRows >= side && rows % side === 0 && size % rows === 0 &&
    Number.isInteger(samples) && sampleGroup % samples === 0;
  if (!isCovered) return undefined;
  const pixels = samples * (stride * (rows - 1) + 3) * (stride * size + 2);
  const weights = taps * (4 / stride) * lanes;
  return { samples, rows, bytes: vectorBytes * (pixels + weights) };
}

/** Whether a tile is one of squares. */
export function isSquare(
  tile: { size: readonly number[]; group: number; shared?: readonly number[] },
): tile is SquareTile {
  return tile.shared !== undefined && tile.size.join() === "4,4";
}

/** Channels and threads of workgroups, by estimate the best first: large ones read weights less often, small ones fit more often. */
const squareTiles: readonly SquareTile[] = [
  [32, 128],
  [64, 128],
  [32, 64],
  [16, 64],
  [64, 256],
].map(([channels, group]): SquareTile => ({
  size: [side, side],
  group,
  shared: [1, channels],
}));

/** The tiles of squares worth having for a convolution on a device with so much workgroup memory, by estimate the best first. */
export function squareCandidates(
  convolution: Convolution,
  workgroupBytes: number,
): readonly SquareTile[] {
  return squareTiles.filter((tile) => {
    const block = squareBlock(convolution, tile);
    return block !== undefined && block.bytes <= workgroupBytes;
  });
}
