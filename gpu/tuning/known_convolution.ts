import { channelBlock, type Convolution } from "../convolution.ts";
import { trialValues } from "./trial_values.ts";

/** Outputs that are looked at: some thousand of a layer's, a prime apart, so that all places of a tile are among them. */
export const placesApart = 997;

/** Largest relative error of one rounding to nearest in 32 bits. */
export const rounding = 2 ** -24;

/**
 * Whether `y` [N, K/4, H, W, 4] is the 3×3 convolution of tensors that are filled with {@linkcode trialValues}: every 997th of
 * its values within what rounding allows of the sum in 64 bits, (number of terms + 1) · 2⁻²⁴ · Σ |terms|, twice that where
 * products are rounded too.
 */
export function isConvolution(
  { inputChannels, outputChannels, size, stride }: Convolution,
  y: Float32Array,
): boolean {
  const value = (at: number) => trialValues[at % trialValues.length];
  const side = stride * size + 2;
  for (let at = 0; at < y.length; at += placesApart) {
    const pixel = Math.floor(at / 4);
    const [i, j] = [Math.floor(pixel / size) % size, pixel % size];
    const map = Math.floor(pixel / size ** 2);
    const n = Math.floor(map / (outputChannels / 4));
    const k = map % (outputChannels / 4) * 4 + at % 4;
    let sum = value(k);
    let magnitude = Math.abs(sum);
    for (let c = 0; c < inputChannels; c++) {
      const plane = n * inputChannels / 4 + (c >> 2);
      const block = Math.floor(k / channelBlock) * inputChannels / 4 + (c >> 2);
      for (let tap = 0; tap < 9; tap++) {
        const row = plane * side + stride * i + Math.floor(tap / 3);
        const x = (row * side + stride * j + tap % 3) * 4 + c % 4;
        const w = ((block * 9 + tap) * 4 + c % 4) * channelBlock +
          k % channelBlock;
        const term = value(x) * value(w);
        sum += term;
        magnitude += Math.abs(term);
      }
    }
    const bound = 2 * (9 * inputChannels + 1) * rounding * magnitude;
    if (!(Math.abs(y[at] - sum) <= bound)) return false;
  }
  return true;
}

/** Input channels whose weights lie together where they are transposed. */
const transposedBlock = 8;

/** Taps of a row or column, and the pixels of ∂y + 1 that they meet, for a pixel of ∂x. */
function meetings(at: number): readonly (readonly [number, number])[] {
  const near = Math.floor(at / 2) + 1;
  return at % 2 === 0 ? [[1, near]] : [[0, near + 1], [2, near]];
}

/**
 * The same of `dx` [N, C/4, 2H, 2W, 4], the input gradient of a convolution of stride 2, from ∂y with its border and transposed
 * weights [C/8, K/4, 3, 3, 4, 8].
 */
export function isInputGradient(
  { inputChannels, outputChannels, size }: Convolution,
  dx: Float32Array,
): boolean {
  const value = (at: number) => trialValues[at % trialValues.length];
  const side = size + 2;
  for (let at = 0; at < dx.length; at += placesApart) {
    const pixel = Math.floor(at / 4);
    const [i, j] = [Math.floor(pixel / (2 * size)), pixel]
      .map((place) => place % (2 * size));
    const map = Math.floor(pixel / (2 * size) ** 2);
    const n = Math.floor(map / (inputChannels / 4));
    const k = map % (inputChannels / 4) * 4 + at % 4;
    const block = Math.floor(k / transposedBlock) * outputChannels / 4;
    let sum = 0;
    let magnitude = 0;
    for (let c = 0; c < outputChannels; c++) {
      const plane = n * outputChannels / 4 + (c >> 2);
      for (const [p, row] of meetings(i)) {
        for (const [q, column] of meetings(j)) {
          const dy = ((plane * side + row) * side + column) * 4 + c % 4;
          const tap = (block + (c >> 2)) * 9 + 3 * p + q;
          const w = (tap * 4 + c % 4) * transposedBlock + k % transposedBlock;
          const term = value(dy) * value(w);
          sum += term;
          magnitude += Math.abs(term);
        }
      }
    }
    const bound = 2 * (4 * outputChannels + 1) * rounding * magnitude;
    if (!(Math.abs(dx[at] - sum) <= bound)) return false;
  }
  return true;
}
