import { type Convolution, sampleGroup } from "../convolution.ts";
import type { SharedBlock } from "./shared_tile.ts";
import type { SquareTile } from "./square_tile.ts";

const vectorBytes = 16;
const pairBytes = 8;
/** Weights of a channel of ∂x that a workgroup holds at a time: of four taps at most and four channels of ∂y. */
const weightRows = 16;

/** Parities of a pixel of ∂x: rows and columns, odd or even. */
export const parities = 4;

/**
 * The part of the input gradient of a convolution of stride 2 that one workgroup computes for one of {@linkcode parities}, in pixels of
 * ∂y: whole rows, and several samples where one has fewer pixels than the workgroup's threads.
 *
 * @returns undefined where such workgroups do not cover the gradient
 */
export function transposedSquareBlock(
  { inputChannels, size }: Convolution,
  { size: [height, width], group, shared: [, channels] }: SquareTile,
): SharedBlock | undefined {
  const lanes = channels / 4;
  const allRows = group / lanes * height * width / size;
  const rows = Math.min(size, allRows);
  const samples = allRows / rows;
  const isCovered = size % width === 0 && inputChannels % channels === 0 &&
    allRows >= height && rows % height === 0 && size % rows === 0 &&
    Number.isInteger(samples) && sampleGroup % samples === 0;
  if (!isCovered) return undefined;
  const pairs = 4 * samples * (rows + 1) * (size / 2 + 1);
  const bytes = pairBytes * pairs + vectorBytes * weightRows * lanes;
  return { samples, rows, bytes };
}

/** Channels and threads of workgroups: by the model's calculation the best first. */
const tiles: readonly SquareTile[] = [
  [64, 128],
  [32, 128],
  [32, 64],
].map(([channels, group]): SquareTile => ({
  size: [4, 4],
  group,
  shared: [1, channels],
}));

/** The tiles of squares worth having for an input gradient on a device with so much workgroup memory, by estimate the best first. */
export function transposedSquareCandidates(
  convolution: Convolution,
  workgroupBytes: number,
): readonly SquareTile[] {
  return tiles.filter((tile) => {
    const block = transposedSquareBlock(convolution, tile);
    return block !== undefined && block.bytes <= workgroupBytes;
  });
}
