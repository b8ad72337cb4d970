import type { Convolution } from "../convolution.ts";

/** A cut of a convolution's weight gradient for workgroups whose threads share what they read. */
export interface SharedWeightGradient {
  /** Rows of taps that a thread computes. */
  size: readonly [tapRows: 1];
  /** Threads of a workgroup, always as many. */
  group: number;
  /** Blocks of four output channels that a thread computes, and output channels of a workgroup. */
  shared: readonly [outputs4: number, channels: number];
}

const vectorBytes = 16;
const tapRows = 3;

/** Whether a tile is one for workgroups whose threads share what they read. */
export function isSharedWeightGradient(
  tile: { size: readonly number[]; group: number; shared?: readonly number[] },
): tile is SharedWeightGradient {
  return tile.shared !== undefined;
}

/** Blocks of four input channels of a workgroup: what is left of its threads beside rows of taps and outputs. */
export function inputs4OfGroup(
  { group, shared: [outputs4, channels] }: SharedWeightGradient,
): number {
  return group / (tapRows * channels / (4 * outputs4));
}

/** vec4 from one row of the input to the next in workgroup memory, odd so that neighbouring threads read other banks. */
export function inputVectors({ size, stride }: Convolution): number {
  return (stride * size + 2) | 1;
}

/** The same from one pixel of the gradient to the next. */
export function gradientVectors(
  { shared: [, channels] }: SharedWeightGradient,
) {
  return channels / 4 | 1;
}

/** Bytes of workgroup memory: three rows of the input and one of the gradient. */
function bytesOfGroup(shape: Convolution, tile: SharedWeightGradient): number {
  return vectorBytes *
    (tapRows * inputs4OfGroup(tile) * inputVectors(shape) +
      shape.size * gradientVectors(tile));
}

/** Tiles of 96 sums a thread, 32 multiply-adds for each vec4 loaded from workgroup memory (stride 2: 24), and of 48: 24 (16); by estimate the best first. */
const tiles: readonly SharedWeightGradient[] = [
  [2, 64, 96],
  [2, 64, 192],
  [1, 32, 96],
].map(([outputs4, channels, group]) => ({
  size: [1],
  group,
  shared: [outputs4, channels],
}));

/** The tiles worth having for a weight gradient on a device with so much workgroup memory, by estimate the best first. */
export function weightGradientCandidates(
  shape: Convolution,
  workgroupBytes: number,
): readonly SharedWeightGradient[] {
  // At stride 1 a pixel takes one vec4 of the input, so that fewer sums a thread, and more threads, cost little.
  const ordered = shape.stride === 1 ? tiles.toReversed() : tiles;
  return ordered.filter((tile) => {
    const inputs4 = inputs4OfGroup(tile);
    const [, channels] = tile.shared;
    return Number.isInteger(inputs4) &&
      shape.inputChannels / 4 % inputs4 === 0 &&
      shape.outputChannels % channels === 0 &&
      bytesOfGroup(shape, tile) <= workgroupBytes;
  });
}
