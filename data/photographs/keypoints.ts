import { type Keypoint, SpacedKeypoints } from "./keypoint_discs.ts";
import type { WeightMap } from "./keypoint_map.ts";
import { RandomStream } from "../random.ts";

/**
 * Draws up to `count` keypoints with probability proportional to the maps' weights, over all scales together; one whose disc
 * overlaps an earlier one's by more than half is dropped, as HPatches does. Fewer come back when there is no room for more.
 * A pure function of (seed, purpose, imageNumber).
 */
export function drawKeypoints(
  maps: readonly WeightMap[],
  count: number,
  seed: number,
  purpose: string,
  imageNumber: number,
  accept: (keypoint: Keypoint) => boolean = () => true,
): Keypoint[] {
  const cumulative = maps.map((map) => accumulate(map.weights));
  const totals = cumulative.map((sums) => sums[sums.length - 1]);
  const total = totals.reduce((sum, value) => sum + value, 0);
  const drawn = new SpacedKeypoints();
  if (!(total > 0)) return [];
  const stream = new RandomStream(seed, purpose, imageNumber);
  for (
    let attempts = 20 * count + 1000;
    drawn.all.length < count && attempts > 0;
    attempts--
  ) {
    let target = stream.uniform() * total;
    let scale = 0;
    while (scale < maps.length - 1 && target >= totals[scale]) {
      target -= totals[scale++];
    }
    const map = maps[scale];
    const at = firstAbove(cumulative[scale], target);
    const keypoint = {
      x: (at % map.width + stream.uniform(-0.5, 0.5)) * map.stepPixels,
      y: (Math.floor(at / map.width) + stream.uniform(-0.5, 0.5)) *
        map.stepPixels,
      sigma: map.sigma,
    };
    // Rounding at the end of a cumulative sum can reach a pixel of weight zero, where no keypoint may lie.
    if (map.weights[at] > 0 && accept(keypoint)) {
      drawn.addUnlessCrowded(keypoint);
    }
  }
  return drawn.all;
}

/** The sum of all weights of a photograph. */
export function totalWeight(maps: readonly WeightMap[]): number {
  let total = 0;
  for (const map of maps) for (const weight of map.weights) total += weight;
  return total;
}

function accumulate(weights: Float32Array): Float64Array {
  const sums = new Float64Array(weights.length);
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sums[i] = sum += weights[i];
  return sums;
}

/** First index whose cumulative sum exceeds the target; its own weight is then positive. */
function firstAbove(sums: Float64Array, target: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle] > target) high = middle;
    else low = middle + 1;
  }
  return low;
}
