/** Half the side of a patch's region in units of the keypoint's scale. Source: HPatches' measurement region of 5 scales. */
export const regionSigmas = 5;

/** Closest that a keypoint may lie to the border, in scales, so that its region lies inside. */
export const borderSigmas = regionSigmas + 0.5;

/** A place in a photograph, in pixels from the centre of the top left one, and its scale in pixels. */
export interface Keypoint {
  x: number;
  y: number;
  sigma: number;
}

/** Two regions that overlap more than this (intersection over union of the discs) would be two labels of one place. */
const largestOverlap = 0.5;

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

/** Keypoints of one class of scales, found by place: cells of a side that no disc of the class is narrower than by half. */
interface ScaleClass {
  cellPixels: number;
  cells: Map<number, Keypoint[]>;
}

/** Keypoints of one photograph, none too close to another; a grid of cells for each class of scales keeps the search short. */
export class SpacedKeypoints<Place extends Keypoint = Keypoint> {
  readonly all: Place[] = [];
  readonly #classes = new Map<number, ScaleClass>();

  /** Adds a keypoint unless its disc overlaps an earlier one's by more than half. */
  addUnlessCrowded(keypoint: Place) {
    const number = classOf(keypoint.sigma);
    // Discs whose areas differ by more than a factor two never overlap by half: beyond the neighbouring classes none does.
    for (let other = number - 1; other <= number + 1; other++) {
      const scales = this.#classes.get(other);
      if (scales !== undefined && isCrowded(keypoint, scales)) return;
    }
    this.#remember(keypoint, number);
  }

  #remember(keypoint: Place, number: number) {
    let scales = this.#classes.get(number);
    if (scales === undefined) {
      const cellPixels = regionSigmas * 2 ** ((number + 1) / 2);
      scales = { cellPixels, cells: new Map() };
      this.#classes.set(number, scales);
    }
    const { cellPixels, cells } = scales;
    const key = cellKey(
      Math.floor(keypoint.x / cellPixels),
      Math.floor(keypoint.y / cellPixels),
    );
    const members = cells.get(key);
    if (members === undefined) cells.set(key, [keypoint]);
    else members.push(keypoint);
    this.all.push(keypoint);
  }
}

/** Scales from 2^(n/2) up to 2^((n+1)/2) are of class n. */
function classOf(sigma: number): number {
  return Math.floor(2 * Math.log2(sigma));
}

function isCrowded(keypoint: Keypoint, { cellPixels, cells }: ScaleClass) {
  // Discs that overlap by half have centres closer than the larger radius.
  const reach = Math.ceil(
    Math.max(cellPixels, regionSigmas * keypoint.sigma) / cellPixels,
  );
  const column = Math.floor(keypoint.x / cellPixels);
  const row = Math.floor(keypoint.y / cellPixels);
  for (let y = row - reach; y <= row + reach; y++) {
    for (let x = column - reach; x <= column + reach; x++) {
      for (const other of cells.get(cellKey(x, y)) ?? []) {
        if (discOverlap(keypoint, other) > largestOverlap) return true;
      }
    }
  }
  return false;
}

function cellKey(x: number, y: number): number {
  return (y + 2) * 0x10000 + x + 2;
}
