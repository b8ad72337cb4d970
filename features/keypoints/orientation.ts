import type { RealWindow } from "../images/plane_window.ts";
import { normalizeAngle } from "../keypoint.ts";

const binCount = 36;
/** Standard deviation of the window, and where it ends, in scales of the keypoint. */
const windowSigmas = 1.5;
const windowRadiusSigmas = 3 * windowSigmas;
/** A direction counts when it is this share of the strongest. */
const leastShare = 0.8;

/** Samples around a keypoint that its orientation depends on. */
export function orientationReach(largestSigma: number): number {
  return Math.ceil(windowRadiusSigmas * largestSigma) + 2;
}

/**
 * The main directions of the gradients about a place, radians in [0, 2π), ascending: peaks of a histogram of 36 directions weighted by
 * magnitude and by a Gaussian of 1.5 sigma, smoothed by [1, 4, 6, 4, 1]/16, that reach 80 % of the highest; a parabola through three
 * bins gives the direction. Where no direction stands out at all the answer is [0]. Source: Lowe, IJCV 2004.
 * @param layer the Gaussian layer of the keypoint's scale
 * @param x place in samples of the octave, as are y and sigma
 */
export function mainDirections(
  layer: RealWindow,
  x: number,
  y: number,
  sigma: number,
): number[] {
  const histogram = smooth(gradientHistogram(layer, x, y, sigma));
  const least = leastShare * Math.max(...histogram);
  const directions: number[] = [];
  for (let bin = 0; bin < binCount; bin++) {
    const here = histogram[bin];
    const before = histogram[(bin + binCount - 1) % binCount];
    const after = histogram[(bin + 1) % binCount];
    if (here > before && here >= after && here >= least) {
      const offset = (before - after) / (2 * (before - 2 * here + after));
      directions.push(normalizeAngle((bin + offset) * 2 * Math.PI / binCount));
    }
  }
  return directions.length > 0 ? directions.sort((a, b) => a - b) : [0];
}

function gradientHistogram(
  layer: RealWindow,
  x: number,
  y: number,
  sigma: number,
): Float64Array {
  const histogram = new Float64Array(binCount);
  const { values, width } = layer;
  const radius = windowRadiusSigmas * sigma;
  const exponent = -1 / (2 * (windowSigmas * sigma) ** 2);
  const firstX = Math.max(1, Math.ceil(x - radius));
  const firstY = Math.max(1, Math.ceil(y - radius));
  const lastX = Math.min(layer.pictureWidth - 2, Math.floor(x + radius));
  const lastY = Math.min(layer.pictureHeight - 2, Math.floor(y + radius));
  const weights = Float64Array.from(
    { length: lastX - firstX + 1 },
    (_, i) => Math.exp(exponent * (firstX + i - x) ** 2),
  );
  for (let row = firstY; row <= lastY; row++) {
    const rowWeight = Math.exp(exponent * (row - y) ** 2);
    let at = (row - layer.top) * width + firstX - layer.left;
    for (let i = 0; i < weights.length; i++, at++) {
      const dx = values[at + 1] - values[at - 1];
      const dy = values[at + width] - values[at - width];
      const turns = Math.atan2(dy, dx) / (2 * Math.PI);
      const bin = (Math.round(turns * binCount) + binCount) % binCount;
      histogram[bin] += rowWeight * weights[i] * Math.sqrt(dx * dx + dy * dy);
    }
  }
  return histogram;
}

function smooth(histogram: Float64Array): Float64Array {
  return histogram.map((here, bin) => {
    const at = (offset: number) =>
      histogram[(bin + binCount + offset) % binCount];
    return (6 * here + 4 * (at(-1) + at(1)) + at(-2) + at(2)) / 16;
  });
}
