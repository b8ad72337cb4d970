import { type Convolution, sampleGroup } from "../convolution.ts";
import { type SquareBlock, squares, type SquareTile } from "./square_tile.ts";
import { pairBytes, vectorBytes } from "./vector_bytes.ts";

/** Weights of a channel of ∂x that a workgroup holds at a time: of nine taps and four channels of ∂y. */
const weightRows = 36;
/** Pixels of ∂y above which two threads sum all pixels of ∂x, one half each. */
const [rowsOfThreads, columnsOfThreads] = [2, 4];
/** Vectors that each of the two gives to the other at a time. */
const exchanged = 2;

/**
 * The part of the input gradient of a convolution of stride 2 that one workgroup computes, in pixels of ∂y: whole rows, and several
 * samples where one has fewer pixels than the workgroup's threads.
 *
 * @param sumsOfRow sums over every row of ∂x that the workgroup keeps afterwards where its pixels of ∂y were
 * @returns undefined where such workgroups do not cover the gradient
 */
export function transposedSquareBlock(
  { inputChannels, size }: Convolution,
  { group, shared: [, channels] }: SquareTile,
  sumsOfRow = 0,
): SquareBlock | undefined {
  const lanes = channels / 4;
  const pixels = group / 2 / lanes * rowsOfThreads * columnsOfThreads;
  const allRows = pixels / size;
  const rows = Math.min(size, allRows);
  const samples = allRows / rows;
  const isCovered = size % columnsOfThreads === 0 &&
    inputChannels % channels === 0 && rows % rowsOfThreads === 0 &&
    size % rows === 0 && Number.isInteger(samples) &&
    sampleGroup % samples === 0;
  if (!isCovered) return undefined;
  const planes = 4 * samples * planePairs(size, rows + 1);
  const sums = 2 * sumsOfRow * samples * 2 * rows * lanes;
  const pairs = Math.max(planes, sums, 2 * exchanged * group);
  const bytes = pairBytes * pairs + vectorBytes * weightRows * lanes;
  return { samples, rows, pairs, bytes };
}

/** Pairs of pixels of one sample and channel of ∂y that a workgroup of so many rows holds, with those that are left free: see the kernel. */
function planePairs(size: number, rows: number): number {
  return rows * (size / 2 + 1) + 16 * Math.floor(rows / 4) + 1;
}

/** Channels and threads of workgroups: by the model's calculation the best first. */
const tiles: readonly SquareTile[] = [
  squares(16, 256),
  squares(16, 128),
  squares(32, 128),
];

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

/** The same where workgroups hold whole maps. */
const wholeMapTiles: readonly SquareTile[] = [
  squares(16, 128),
  squares(8, 128),
];

/**
 * The tile of squares for an input gradient whose maps are normalised by the workgroup that computes them; undefined where there is none.
 *
 * @param sumsOfRow as {@linkcode transposedSquareBlock} takes it
 */
export function wholeMapTransposedSquare(
  convolution: Convolution,
  workgroupBytes: number,
  sumsOfRow: number,
): SquareTile | undefined {
  return wholeMapTiles.find((tile) => {
    const block = transposedSquareBlock(convolution, tile, sumsOfRow);
    return block !== undefined && block.rows === convolution.size &&
      block.bytes <= workgroupBytes;
  });
}
