import type { WeightMap } from "./keypoint_map.ts";
import { RandomStream } from "../random.ts";

/** Half the side of a patch's region in units of the keypoint's scale. Source: HPatches' measurement region of 5 scales. */
export const regionSigmas = 5;

/** A place in a photograph, in pixels from the centre of the top left one, and its scale in pixels. */
export interface Keypoint {
  x: number;
  y: number;
  sigma: number;
}

/** Two regions that overlap more than this (intersection over union of the discs) would be two labels of one place. */
const largestOverlap = 0.5;

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

/** Intersection over union of the keypoints' discs of equal relative radius. */
export function discOverlap(a: Keypoint, b: Keypoint): number {
  const distance = Math.hypot(a.x - b.x, a.y - b.y) / regionSigmas;
  const large = Math.max(a.sigma, b.sigma);
  const small = Math.min(a.sigma, b.sigma);
  if (distance >= large + small) return 0;
  if (distance <= large - small) return (small / large) ** 2;
  const angle = (adjacent: number, opposite: number) =>
    Math.acos(
      (distance ** 2 + adjacent ** 2 - opposite ** 2) /
        (2 * distance * adjacent),
    );
  const atLarge = angle(large, small);
  const atSmall = angle(small, large);
  const common = large ** 2 * (atLarge - Math.sin(2 * atLarge) / 2) +
    small ** 2 * (atSmall - Math.sin(2 * atSmall) / 2);
  return common / (Math.PI * (large ** 2 + small ** 2) - common);
}

/** Keypoints of one photograph, none too close to another; a grid of cells a scale keeps the search short. */
class SpacedKeypoints {
  readonly all: Keypoint[] = [];
  readonly #grids = new Map<number, Map<number, Keypoint[]>>();

  addUnlessCrowded(keypoint: Keypoint) {
    for (const [sigma, grid] of this.#grids) {
      // Discs whose areas differ by more than a factor two never overlap by half.
      if (
        Math.min(sigma, keypoint.sigma) / Math.max(sigma, keypoint.sigma) < 0.7
      ) continue;
      const cell = regionSigmas * sigma;
      const reach = Math.ceil(
        regionSigmas * Math.max(sigma, keypoint.sigma) / cell,
      );
      const column = Math.floor(keypoint.x / cell);
      const row = Math.floor(keypoint.y / cell);
      for (let y = row - reach; y <= row + reach; y++) {
        for (let x = column - reach; x <= column + reach; x++) {
          for (const other of grid.get(cellKey(x, y)) ?? []) {
            if (discOverlap(keypoint, other) > largestOverlap) return;
          }
        }
      }
    }
    this.#remember(keypoint);
  }

  #remember(keypoint: Keypoint) {
    let grid = this.#grids.get(keypoint.sigma);
    if (grid === undefined) this.#grids.set(keypoint.sigma, grid = new Map());
    const cell = regionSigmas * keypoint.sigma;
    const key = cellKey(
      Math.floor(keypoint.x / cell),
      Math.floor(keypoint.y / cell),
    );
    const members = grid.get(key);
    if (members === undefined) grid.set(key, [keypoint]);
    else members.push(keypoint);
    this.all.push(keypoint);
  }
}

function cellKey(x: number, y: number): number {
  return (y + 2) * 0x10000 + x + 2;
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
