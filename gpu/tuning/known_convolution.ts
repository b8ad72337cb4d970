import { channelBlock, type Convolution } from "../convolution.ts";
import { areSums } from "./known_sums.ts";
import {
  mapAt,
  type MapPlace,
  placeInMap,
  placeOfWeight,
} from "./known_places.ts";
import { trialValue } from "./trial_values.ts";

/** The value at a place of maps with so many channels and rows. */
export type ValueInMap = (
  place: MapPlace,
  channels: number,
  side: number,
) => number;

/** That of maps that are filled with `trialValues`, their borders as well. */
const filled: ValueInMap = (place, channels, side) =>
  trialValue(placeInMap(place, channels, side));

/** A sum of the 3×3 convolution of tensors that are filled with `trialValues`, or of other maps, without its bias, in 64 bits. */
export function convolutionAt(
  { inputChannels, size, stride }: Convolution,
  { n, c: k, i, j }: MapPlace,
  valueIn: ValueInMap = filled,
): number {
  let sum = 0;
  for (let c = 0; c < inputChannels; c++) {
    for (let tap = 0; tap < 9; tap++) {
      const [p, q] = [Math.floor(tap / 3), tap % 3];
      const pixel = { n, c, i: stride * i + p, j: stride * j + q };
      const x = valueIn(pixel, inputChannels, stride * size + 2);
      const w = placeOfWeight({ c, k, tap }, inputChannels, channelBlock);
      sum += x * trialValue(w);
    }
  }
  return sum;
}

/**
 * Whether `y` [N, K/4, H, W, 4] is the 3×3 convolution of tensors that are filled with `trialValues`, as {@linkcode areSums}
 * looks at it.
 */
export function isConvolution(
  convolution: Convolution,
  y: Float32Array,
): boolean {
  const { outputChannels, size } = convolution;
  return areSums(y.length, (at) => y[at], (at) => {
    const place = mapAt(at, outputChannels, size);
    return trialValue(place.c) + convolutionAt(convolution, place);
  });
}

/** Input channels whose weights lie together where they are transposed. */
const transposedBlock = 8;

/** Taps of a row or column, and the pixels of ∂y + 1 that they meet, for a pixel of ∂x. */
function meetings(at: number): readonly (readonly [number, number])[] {
  const near = Math.floor(at / 2) + 1;
  return at % 2 === 0 ? [[1, near]] : [[0, near + 1], [2, near]];
}

/** A sum of the input gradient of a convolution of stride 2, in the same way. */
export function stridedInputGradientAt(
  { outputChannels, size }: Convolution,
  { n, c, i, j }: MapPlace,
  valueIn: ValueInMap = filled,
): number {
  let sum = 0;
  for (let k = 0; k < outputChannels; k++) {
    for (const [p, row] of meetings(i)) {
      for (const [q, column] of meetings(j)) {
        const pixel = { n, c: k, i: row, j: column };
        const dy = valueIn(pixel, outputChannels, size + 2);
        // Transposed: from c to k.
        const weight = { c: k, k: c, tap: 3 * p + q };
        const w = placeOfWeight(weight, outputChannels, transposedBlock);
        sum += dy * trialValue(w);
      }
    }
  }
  return sum;
}

/**
 * The same of `dx` [N, C/4, 2H, 2W, 4], the input gradient of a convolution of stride 2, from ∂y with its border and transposed
 * weights [C/8, K/4, 3, 3, 4, 8].
 */
export function isStridedInputGradient(
  convolution: Convolution,
  dx: Float32Array,
): boolean {
  const { inputChannels, size } = convolution;
  return areSums(
    dx.length,
    (at) => dx[at],
    (at) =>
      stridedInputGradientAt(convolution, mapAt(at, inputChannels, 2 * size)),
  );
}

/** The same of `dx` [N, C/4, H, W, 4], the input gradient of a convolution of stride 1, from ∂y with its border and the weights as they are. */
export function isInputGradient(
  { inputChannels, outputChannels, size }: Convolution,
  dx: Float32Array,
): boolean {
  return areSums(dx.length, (at) => dx[at], (at) => {
    const { n, c, i, j } = mapAt(at, inputChannels, size);
    let sum = 0;
    for (let k = 0; k < outputChannels; k++) {
      for (let tap = 0; tap < 9; tap++) {
        const [p, q] = [Math.floor(tap / 3), tap % 3];
        const pixel = { n, c: k, i: i + 2 - p, j: j + 2 - q };
        const dy = placeInMap(pixel, outputChannels, size + 2);
        const w = placeOfWeight({ c, k, tap }, inputChannels, channelBlock);
        sum += trialValue(dy) * trialValue(w);
      }
    }
    return sum;
  });
}
