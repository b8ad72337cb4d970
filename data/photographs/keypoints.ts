import { type Keypoint, SpacedKeypoints } from "./keypoint_discs.ts";
import type { WeightBand } from "./keypoint_map.ts";
import { RandomStream } from "../random.ts";

/** Draws that are looked up in one pass through the maps at most; a draw takes some forty bytes. */
const mostDrawsAPass = 2 ** 18;

/**
 * Draws up to `count` keypoints with probability proportional to the maps' weights, over all scales together; one whose disc
 * overlaps an earlier one's by more than half is dropped, as HPatches does. Fewer come back when there is no room for more.
 * A pure function of (seed, purpose, imageNumber); goes through the maps twice or more.
 * @param accept a pure function
 */
export function drawKeypoints(
  maps: Iterable<WeightBand>,
  count: number,
  seed: number,
  purpose: string,
  imageNumber: number,
  accept: (keypoint: Keypoint) => boolean = () => true,
): Keypoint[] {
  const totals = totalsOf(maps);
  const drawn = new SpacedKeypoints();
  if (!totals.some((total) => total > 0)) return [];
  const stream = new RandomStream(seed, purpose, imageNumber);
  for (let attempts = 20 * count + 1000; attempts > 0;) {
    const draws = Math.min(attempts, 2 * count + 64, mostDrawsAPass);
    attempts -= draws;
    for (const keypoint of drawPlaces(maps, totals, draws, stream)) {
      if (drawn.all.length >= count) return drawn.all;
      if (keypoint !== undefined && accept(keypoint)) {
        drawn.addUnlessCrowded(keypoint);
      }
    }
  }
  return drawn.all;
}

/** The sum of all weights of a photograph. */
export function totalWeight(maps: Iterable<WeightBand>): number {
  let total = 0;
  for (const { weights } of maps) for (const weight of weights) total += weight;
  return total;
}

/** The sum of each scale's weights. */
function totalsOf(maps: Iterable<WeightBand>): number[] {
  const totals: number[] = [];
  for (const { top, weights } of maps) {
    if (top === 0) totals.push(0);
    let sum = totals[totals.length - 1];
    for (let at = 0; at < weights.length; at++) sum += weights[at];
    totals[totals.length - 1] = sum;
  }
  return totals;
}

/** Places drawn with probability proportional to the weights; none where rounding leads to no weight. */
function drawPlaces(
  maps: Iterable<WeightBand>,
  totals: readonly number[],
  draws: number,
  stream: RandomStream,
): (Keypoint | undefined)[] {
  const total = totals.reduce((sum, value) => sum + value, 0);
  const scales = new Uint16Array(draws);
  const targets = new Float64Array(draws);
  const shifts = new Float64Array(2 * draws);
  for (let draw = 0; draw < draws; draw++) {
    let target = stream.uniform() * total;
    let scale = 0;
    while (scale < totals.length - 1 && target >= totals[scale]) {
      target -= totals[scale++];
    }
    scales[draw] = scale;
    targets[draw] = target;
    shifts[2 * draw] = stream.uniform(-0.5, 0.5);
    shifts[2 * draw + 1] = stream.uniform(-0.5, 0.5);
  }
  // In the order in which one walk along the cumulative sums comes by them.
  const order = Uint32Array.from(targets, (_, draw) => draw)
    .sort((a, b) => scales[a] - scales[b] || targets[a] - targets[b]);
  const places = new Array<Keypoint | undefined>(draws);
  let scale = -1;
  let sum = 0;
  let next = 0;
  let end = 0;
  for (const { sigma, stepPixels, top, width, weights } of maps) {
    if (top === 0) {
      scale++;
      sum = 0;
      next = end;
      while (end < draws && scales[order[end]] === scale) end++;
    }
    for (let at = 0; next < end && at < weights.length; at++) {
      sum += weights[at];
      while (next < end && targets[order[next]] < sum) {
        const draw = order[next++];
        places[draw] = {
          x: (at % width + shifts[2 * draw]) * stepPixels,
          y: (top + Math.floor(at / width) + shifts[2 * draw + 1]) * stepPixels,
          sigma,
        };
      }
    }
  }
  return places;
}
