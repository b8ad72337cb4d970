import type { Keypoint } from "../../../features/keypoint.ts";

/** What counts as the same keypoint. */
export interface Tolerance {
  pixels: number;
  /** Largest ratio of the scales. */
  scale: number;
  radians: number;
}

/** Shares of the wanted keypoints that were found again. */
export interface Repeatability {
  /** By place alone. */
  place: number;
  /** By place and scale. */
  scale: number;
  /** By place, scale and angle. */
  angle: number;
}

/** The smaller angle between two directions, in radians. */
export function angleBetween(a: number, b: number): number {
  const difference = Math.abs(a - b) % (2 * Math.PI);
  return Math.min(difference, 2 * Math.PI - difference);
}

/** How many of the wanted keypoints have one of the found ones within the tolerance. */
export function repeatability(
  wanted: readonly Omit<Keypoint, "response">[],
  found: readonly Keypoint[],
  tolerance: Tolerance,
): Repeatability {
  const counts = { place: 0, scale: 0, angle: 0 };
  for (const { x, y, sigma, angle } of wanted) {
    const near = found.filter((keypoint) =>
      Math.hypot(keypoint.x - x, keypoint.y - y) <= tolerance.pixels
    );
    const alike = near.filter((keypoint) =>
      Math.max(keypoint.sigma / sigma, sigma / keypoint.sigma) <=
        tolerance.scale
    );
    if (near.length > 0) counts.place++;
    if (alike.length > 0) counts.scale++;
    if (
      alike.some((keypoint) =>
        angleBetween(keypoint.angle, angle) <= tolerance.radians
      )
    ) counts.angle++;
  }
  const { place, scale, angle } = counts;
  return {
    place: place / wanted.length,
    scale: scale / wanted.length,
    angle: angle / wanted.length,
  };
}
