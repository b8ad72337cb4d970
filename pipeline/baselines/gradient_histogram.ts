import { gradientTable } from "./gradient_table.ts";

/** Spatial bins along each side, and orientation bins. */
const spatialBins = 4;
const orientationBins = 8;

/** Values in a histogram. */
export const histogramDimension = spatialBins * spatialBins * orientationBins;

/** No value of the normalised vector may be larger. */
const largestValue = 0.2;

/**
 * SIFT's histograms of gradients of whole patches with one fixed frame (upright, centred, the descriptor window being
 * the patch), L2 normalised and clipped, before the last normalisation.
 *
 * Central differences give magnitude and orientation of each pixel; magnitudes weighted with a Gaussian of σ = side / 2
 * go by trilinear interpolation into 4 × 4 spatial bins (centres at (b + ½)·side / 4) of 8 orientations; the vector is L2
 * normalised and clipped at 0.2 (Lowe 2004, §6.1).
 *
 * @param patches u8 [count, side, side]
 * @param side pixels, at least 8
 * @param normalise does the last step in place: (vector [128], not all zero), index (row·4 + column)·8 + orientation
 * @returns [count, 128]; a patch without any gradient gives zeros
 * @throws {RangeError} when the bytes are no whole number of patches
 */
export function gradientHistograms(
  patches: Uint8Array,
  side: number,
  normalise: (vector: Float64Array) => void,
): Float32Array {
  const area = side * side;
  const count = patches.length / area;
  if (!Number.isInteger(count) || side < 2 * spatialBins) {
    throw new RangeError(
      `${patches.length} bytes as patches of ${side} × ${side}`,
    );
  }
  const weights = pixelWeights(side);
  const { magnitude, orientation, span, zero } = gradientTable(orientationBins);
  // One bin of margin all around takes what falls outside of the window, and one orientation more what wraps around.
  const padded = spatialBins + 2;
  const depth = orientationBins + 1;
  const histogram = new Float64Array(padded * padded * depth);
  const vector = new Float64Array(histogramDimension);
  const result = new Float32Array(count * histogramDimension);
  for (let patch = 0; patch < count; patch++) {
    histogram.fill(0);
    const offset = patch * area;
    for (let y = 0; y < side; y++) {
      const above = offset + Math.max(y - 1, 0) * side;
      const below = offset + Math.min(y + 1, side - 1) * side;
      const row = offset + y * side;
      const binY = weights.bin[y];
      const partY = weights.part[y];
      for (let x = 0; x < side; x++) {
        const left = x === 0 ? 0 : x - 1;
        const right = x === side - 1 ? x : x + 1;
        const dx = patches[row + right] - patches[row + left];
        const dy = patches[below + x] - patches[above + x];
        const entry = zero + dy * span + dx;
        const size = magnitude[entry] * weights.gaussian[y] *
          weights.gaussian[x];
        if (size === 0) continue;
        const angle = orientation[entry];
        const binAngle = angle | 0;
        const partAngle = angle - binAngle;
        const partX = weights.part[x];
        const cell = (binY * padded + weights.bin[x]) * depth + binAngle;
        const top = size * (1 - partY);
        const bottom = size * partY;
        const down = padded * depth;
        addPair(histogram, cell, top * (1 - partX), partAngle);
        addPair(histogram, cell + depth, top * partX, partAngle);
        addPair(histogram, cell + down, bottom * (1 - partX), partAngle);
        addPair(histogram, cell + down + depth, bottom * partX, partAngle);
      }
    }
    collect(histogram, vector);
    if (!clip(vector)) continue;
    normalise(vector);
    result.set(vector, patch * histogramDimension);
  }
  return result;
}

function addPair(
  histogram: Float64Array,
  at: number,
  weight: number,
  part: number,
): void {
  histogram[at] += weight * (1 - part);
  histogram[at + 1] += weight * part;
}

/**
 * For each pixel coordinate: the lower of the two spatial bins it counts in (shifted by the margin), its part in the upper
 * one, and the Gaussian window's factor.
 */
function pixelWeights(side: number) {
  const bin = new Uint8Array(side);
  const part = new Float64Array(side);
  const gaussian = new Float64Array(side);
  const sigma = side / 2;
  for (let i = 0; i < side; i++) {
    const position = (i + 0.5) * spatialBins / side - 0.5;
    const lower = Math.floor(position);
    bin[i] = lower + 1;
    part[i] = position - lower;
    const fromCentre = i + 0.5 - side / 2;
    gaussian[i] = Math.exp(-(fromCentre ** 2) / (2 * sigma ** 2));
  }
  return { bin, part, gaussian };
}

/** Takes the inner bins out of the padded histogram. */
function collect(histogram: Float64Array, vector: Float64Array): void {
  const depth = orientationBins + 1;
  const padded = spatialBins + 2;
  for (let y = 0; y < spatialBins; y++) {
    for (let x = 0; x < spatialBins; x++) {
      const from = ((y + 1) * padded + x + 1) * depth;
      const to = (y * spatialBins + x) * orientationBins;
      for (let i = 0; i < orientationBins; i++) {
        vector[to + i] = histogram[from + i];
      }
      vector[to] += histogram[from + orientationBins];
    }
  }
}

/** L2 normalises and clips the vector; false when it is all zero. */
function clip(vector: Float64Array): boolean {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const norm = Math.sqrt(squares);
  for (let i = 0; i < vector.length; i++) {
    vector[i] = Math.min(vector[i] / norm, largestValue);
  }
  return squares > 0;
}
