import { channelBlock, type Convolution } from "../convolution.ts";
import { placeInMap, weightAt, type WeightPlace } from "./known_places.ts";
import { areSums } from "./known_sums.ts";
import { trialValue } from "./trial_values.ts";

/** Fewer lie between two that are looked at: a weight gradient has few values, of many terms each. */
const placesApart = 199;

/** ∂w[k,c,p,q] = Σ_{n,i,j} ∂y[n,k,i,j] · x[n,c,S·i+p−1,S·j+q−1] of x and ∂y that are filled with `trialValues`, borders as well. */
function sumOf(
  { inputChannels, outputChannels, size, stride }: Convolution,
  samples: number,
  { c, k, tap }: WeightPlace,
): number {
  const [p, q] = [Math.floor(tap / 3), tap % 3];
  let sum = 0;
  for (let n = 0; n < samples; n++) {
    for (let i = 0; i < size; i++) {
      const pixel = { n, c, i: stride * i + p, j: q };
      const x = placeInMap(pixel, inputChannels, stride * size + 2);
      const gradient = { n, c: k, i: i + 1, j: 1 };
      const dy = placeInMap(gradient, outputChannels, size + 2);
      for (let j = 0; j < size; j++) {
        sum += trialValue(x + 4 * stride * j) * trialValue(dy + 4 * j);
      }
    }
  }
  return sum;
}

/**
 * Whether `partial` [parts, K/16, C/4, 3, 3, 4, 16] are sums of parts of the weight gradient of tensors that are filled with
 * `trialValues`: whether all parts together are what {@linkcode areSums} finds in 64 bits.
 */
export function isWeightGradient(
  convolution: Convolution,
  samples: number,
  partial: Float32Array,
): boolean {
  const { inputChannels, outputChannels } = convolution;
  const count = 9 * inputChannels * outputChannels;
  const resultAt = (at: number) => {
    let sum = 0;
    for (; at < partial.length; at += count) sum += partial[at];
    return sum;
  };
  const sumAt = (at: number) =>
    sumOf(convolution, samples, weightAt(at, inputChannels, channelBlock));
  return areSums(count, resultAt, sumAt, placesApart);
}

const alpha = 2 / 3;
const beta = 3 / 2;
const ofAlpha = 1 / (2 * alpha ** 2 * (alpha ** 2 - beta ** 2));
const ofBeta = 1 / (2 * beta ** 2 * (beta ** 2 - alpha ** 2));

/** G of Winograd's F(4×4, 3×3), by point and tap of a row or column: see `winograd.wgsl`. */
const maps: readonly (readonly [number, number, number])[] = [
  [1 / (alpha * beta) ** 2, 0, 0],
  [ofAlpha, ofAlpha * alpha, ofAlpha * alpha ** 2],
  [ofAlpha, -ofAlpha * alpha, ofAlpha * alpha ** 2],
  [ofBeta, ofBeta * beta, ofBeta * beta ** 2],
  [ofBeta, -ofBeta * beta, ofBeta * beta ** 2],
  [0, 0, 1],
];

/** The same of a weight gradient of stride 1 at the points of Winograd's method, `du` [36, C, K]: of ∂w = Gᵀ ∂u G. */
export function isWeightGradientAtPoints(
  convolution: Convolution,
  samples: number,
  du: Float32Array,
): boolean {
  const { inputChannels, outputChannels } = convolution;
  const count = 9 * inputChannels * outputChannels;
  const resultAt = (at: number) => {
    const { c, k, tap } = weightAt(at, inputChannels, channelBlock);
    let sum = 0;
    for (const [row, ofRow] of maps.entries()) {
      for (const [column, ofColumn] of maps.entries()) {
        const point = (6 * row + column) * inputChannels + c;
        sum += ofRow[Math.floor(tap / 3)] * ofColumn[tap % 3] *
          du[point * outputChannels + k];
      }
    }
    return sum;
  };
  const sumAt = (at: number) =>
    sumOf(convolution, samples, weightAt(at, inputChannels, channelBlock));
  return areSums(count, resultAt, sumAt, placesApart);
}
