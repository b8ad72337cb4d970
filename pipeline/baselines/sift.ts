import {
  gradientHistograms,
  histogramDimension,
} from "./gradient_histogram.ts";

/** Values in a {@linkcode sift} descriptor. */
export const siftDimension = histogramDimension;

/**
 * SIFT of a whole patch with one fixed frame: the histogram of gradients, L2 normalised, clipped at 0.2 and L2 normalised
 * again (Lowe 2004). Left as real numbers, where OpenCV multiplies by 512 and rounds to bytes. A patch without any
 * gradient gives zeros.
 *
 * @param patches u8 [count, side, side]
 * @param side pixels, at least 8
 * @returns [count, 128], index (row·4 + column)·8 + orientation
 * @throws {RangeError} when the bytes are no whole number of patches
 */
export function sift(patches: Uint8Array, side: number): Float32Array {
  return gradientHistograms(patches, side, (vector) => {
    let squares = 0;
    for (const value of vector) squares += value * value;
    const norm = Math.sqrt(squares);
    for (let i = 0; i < vector.length; i++) vector[i] /= norm;
  });
}
