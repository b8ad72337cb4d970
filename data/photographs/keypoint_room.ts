import type { ImageSize } from "../images/grey_image.ts";
import { scaleList } from "./keypoint_map.ts";
import { borderSigmas, regionSigmas } from "./keypoint_discs.ts";

/** Distance of two discs of one size that overlap by half (intersection over union), in their radius. */
const halfOverlapRadii = 0.53;

/**
 * More keypoints than can be drawn in a photograph, whatever it shows: the densest packing of centres that keep the distance of half
 * overlap, at every scale on its own.
 * Source: Groemer's bound on points in a convex region, 2A/(√3·d²) + P/(2d) + 1.
 *
 * @param sigmasV scale list as {@linkcode scaleList} reads it
 * @throws {DataError} when that names no scales
 */
export function mostKeypoints(
  { width, height }: ImageSize,
  sigmasV: string,
): number {
  return scaleList(sigmasV).reduce((most, sigma) => {
    const border = 2 * borderSigmas * sigma;
    const [across, down] = [width - border, height - border];
    if (across <= 0 || down <= 0) return most;
    const apart = halfOverlapRadii * regionSigmas * sigma;
    return most + Math.floor(
      2 * across * down / (Math.sqrt(3) * apart ** 2) +
        (across + down) / apart + 1,
    );
  }, 0);
}
