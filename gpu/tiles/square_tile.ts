import { type Convolution, sampleGroup } from "../convolution.ts";
import type { SharedBlock } from "./shared_tile.ts";
import { pairBytes, vectorBytes } from "./vector_bytes.ts";

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
const taps = 9;

/** What a workgroup of squares computes and keeps in workgroup memory. */
export interface SquareBlock extends SharedBlock {
  /** Pairs of numbers where its pixels of the input are, and afterwards sums over rows. */
  pairs: number;
}

/**
 * The part of a convolution that one workgroup computes: whole rows, and several samples where one has fewer pixels than
 * the workgroup's threads.
 *
 * @param sumsOfRow sums over every row of a map that the workgroup keeps afterwards where its pixels of the input were
 * @returns undefined where such workgroups do not cover the convolution
 */
export function squareBlock(
  { outputChannels, size, stride }: Convolution,
  { group, shared: [, channels] }: SquareTile,
  sumsOfRow = 0,
): SquareBlock | undefined {
  const lanes = channels / 4;
  const allRows = group / lanes * side * side / size;
  const rows = Math.min(size, allRows);
  const samples = allRows / rows;
  const isCovered = size % side === 0 && outputChannels % channels === 0 &&
    allRows >= side && rows % side === 0 && size % rows === 0 &&
    Number.isInteger(samples) && sampleGroup % samples === 0;
  if (!isCovered) return undefined;
  const planes = 4 * samples * planePairs({ size, stride }, rows);
  const sums = 2 * sumsOfRow * samples * rows * lanes;
  const pairs = Math.max(planes, sums);
  const weights = taps * 4 / stride * lanes;
  const bytes = pairBytes * pairs + vectorBytes * weights;
  return { samples, rows, pairs, bytes };
}

/**
 * Pairs of pixels of one sample and input channel that a workgroup of so many rows holds. One more is left free behind the rows of every
 * square, so that threads below each other read other banks of the memory; at stride 1 there is room for as many as the kernel leaves
 * free where those beside each other must as well.
 */
export function planePairs(
  { size, stride }: Pick<Convolution, "size" | "stride">,
  rows: number,
): number {
  const rowsOfInput = stride * (rows - 1) + 3;
  const squares = Math.floor(rowsOfInput / (stride * side));
  const free = stride === 1
    ? Math.max(squares, 16 * Math.floor(squares / 8))
    : squares;
  return rowsOfInput * (stride * size / 2 + 1) + free;
}

/** Whether a tile is one of squares. */
export function isSquare(
  tile: { size: readonly number[]; group: number; shared?: readonly number[] },
): tile is SquareTile {
  return tile.shared !== undefined && tile.size.join() === "4,4";
}

/** Channels and threads of workgroups, by estimate the best first: large ones read weights less often, small ones fit more often. */
const squareTiles: readonly SquareTile[] = [
  squares(32, 128),
  squares(64, 128),
  squares(32, 64),
  squares(16, 64),
  squares(64, 256),
];

/** The tile of squares for so many output channels and threads of a workgroup. */
export function squares(channels: number, group: number): SquareTile {
  return { size: [side, side], group, shared: [1, channels] };
}

/** Channels and threads of workgroups that hold whole maps, which can be normalised before they leave it, by stride; by the model's calculation the best first. */
const wholeMapSquares: Readonly<
  Record<Convolution["stride"], readonly SquareTile[]>
> = {
  1: [squares(32, 128), squares(8, 128)],
  2: [squares(64, 128), squares(32, 128)],
};

/**
 * The tile of squares for a convolution whose maps are normalised by the workgroup that computes them; undefined where there is none.
 *
 * @param sumsOfRow as {@linkcode squareBlock} takes it
 */
export function wholeMapSquare(
  convolution: Convolution,
  workgroupBytes: number,
  sumsOfRow: number,
): SquareTile | undefined {
  return wholeMapSquares[convolution.stride].find((tile) => {
    const block = squareBlock(convolution, tile, sumsOfRow);
    return block !== undefined && block.rows === convolution.size &&
      block.bytes <= workgroupBytes;
  });
}

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
