import { type Convolution, sampleGroup } from "../convolution.ts";
import type { SharedBlock } from "./shared_tile.ts";

/** A cut of the input gradient of a convolution of stride 2, for workgroups whose threads share what they read. */
export interface SharedTransposed {
  /** Rows × columns of ∂y, above which a thread computes 2×2 pixels each. */
  size: readonly [rows: number, columns: number];
  /** Threads of a workgroup, always as many. */
  group: number;
  /** Blocks of four input channels that a thread computes, and input channels of a workgroup. */
  shared: readonly [inputs4: 1, channels: number];
}

const vectorBytes = 16;
const taps = 9;

/** Whether a tile is one for workgroups whose threads share what they read. */
export function isSharedTransposed(
  tile: { size: readonly number[]; group: number; shared?: readonly number[] },
): tile is SharedTransposed {
  return tile.shared !== undefined;
}

/**
 * The part of an input gradient that one workgroup computes, in pixels of ∂y: whole rows, and several samples where one has fewer
 * pixels than the workgroup's threads.
 *
 * @returns undefined where such workgroups do not cover the gradient
 */
export function transposedBlock(
  { inputChannels, size }: Convolution,
  { size: [height, width], group, shared: [, channels] }: SharedTransposed,
): SharedBlock | undefined {
  const lanes = channels / 4;
  const allRows = group / lanes * height * width / size;
  const rows = Math.min(size, allRows);
  const samples = allRows / rows;
  const isCovered = size % width === 0 && inputChannels % channels === 0 &&
    allRows >= height && rows % height === 0 && size % rows === 0 &&
    Number.isInteger(samples) && sampleGroup % samples === 0;
  if (!isCovered) return undefined;
  const pixels = samples * (rows + 1) * (size + 1);
  return { samples, rows, bytes: vectorBytes * (pixels + 4 * taps * lanes) };
}

/** 64 sums a thread, and 128: by estimate the best first. */
const tiles: readonly SharedTransposed[] = [
  [2, 2, 32, 128],
  [2, 2, 32, 64],
  [2, 4, 32, 128],
].map(([rows, columns, channels, group]): SharedTransposed => ({
  size: [rows, columns],
  group,
  shared: [1, channels],
}));

/** The tiles worth having for an input gradient on a device with so much workgroup memory, by estimate the best first. */
export function transposedCandidates(
  convolution: Convolution,
  workgroupBytes: number,
): readonly SharedTransposed[] {
  return tiles.filter((tile) => {
    const block = transposedBlock(convolution, tile);
    return block !== undefined && block.bytes <= workgroupBytes;
  });
}
