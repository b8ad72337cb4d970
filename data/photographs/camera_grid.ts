import {
  compose,
  type Homography,
  invert,
  localScale,
  rotation,
  scaling,
  translation,
} from "../../features/geometry/homography.ts";
import type { RandomStream } from "../random.ts";

/** A camera's pixels are so many octaves larger or smaller than the photograph's, at most. */
const mostPitchOctaves = 0.5;
/** So many pixels across has the patch of the smallest keypoint that our detectors find. */
const leastPixelsAcross = 11;
/** Pixels of the camera beyond the patch's corners, which resampling asks for. */
const marginPixels = 3;

/** The pixels of a camera over a patch. */
export interface CameraGrid {
  /** Pixels of a side of the square that covers the patch. */
  sidePixels: number;
  /** Pixels of the camera that a side of the patch takes. */
  pixelsAcross: number;
  /** From the patch's [−1, 1]² to the grid's. */
  fromPatch: Homography;
}

/**
 * Draws the grid of another camera's pixels over a region: up to half an octave finer or coarser than the photograph's own, at any turn,
 * and beginning anywhere.
 *
 * @param region from the patch's [−1, 1]² to pixels of the photograph
 */
export function drawCameraGrid(
  region: Homography,
  stream: RandomStream,
): CameraGrid {
  const pitch = 2 ** stream.uniform(-mostPitchOctaves, mostPitchOctaves);
  const pixelsAcross = Math.max(
    leastPixelsAcross,
    2 * localScale(region, 0, 0) / pitch,
  );
  const turn = stream.uniform(0, 2 * Math.PI);
  const phase = () => stream.uniform(-1, 1) / pixelsAcross;
  const reach = Math.abs(Math.cos(turn)) + Math.abs(Math.sin(turn));
  const sidePixels = Math.ceil(reach * pixelsAcross) + 2 * marginPixels;
  return {
    sidePixels,
    pixelsAcross,
    fromPatch: compose(
      scaling(pixelsAcross / sidePixels),
      translation(phase(), phase()),
      rotation(turn),
    ),
  };
}

/** From a grid's [−1, 1]² to pixels of the photograph. */
export function gridRegion(
  region: Homography,
  { fromPatch }: CameraGrid,
): Homography {
  return compose(region, invert(fromPatch));
}
