import {
  gradientHistograms,
  histogramDimension,
} from "./gradient_histogram.ts";

/** Values in a {@linkcode rootSift} descriptor. */
export const rootSiftDimension = histogramDimension;

/**
 * RootSIFT of a whole patch with one fixed frame: SIFT's clipped histogram of gradients, L1 normalised, and the square root
 * of each value (Arandjelović and Zisserman 2012), whose L2 distance is the Hellinger distance of the histograms. A patch
 * without any gradient gives zeros.
 *
 * @param patches u8 [count, side, side]
 * @param side pixels, at least 8
 * @returns [count, 128], index (row·4 + column)·8 + orientation
 * @throws {RangeError} when the bytes are no whole number of patches
 */
export function rootSift(patches: Uint8Array, side: number): Float32Array {
  return gradientHistograms(patches, side, (vector) => {
    // SIFT's second L2 normalisation is a common factor, which the L1 normalisation removes.
    let sum = 0;
    for (const value of vector) sum += value;
    for (let i = 0; i < vector.length; i++) {
      vector[i] = Math.sqrt(vector[i] / sum);
    }
  });
}
