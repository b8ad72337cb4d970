import { type Homography, localScale } from "../geometry/homography.ts";
import type { RealWindow } from "../images/plane_window.ts";

/** Blur, in samples of the coarser grid, that keeps a coarser grid free of aliasing without softening it more than needed. */
const antiAliasSigma = 0.5;

/** Above this level, a step of 32 pixels, a picture of half the size is sampled instead, so that blurs stay short. */
export const highestLevel = 10;

/** Distance in pixels, at the region's centre, between neighbouring samples of a region resampled to width × height values. */
export function samplingStep(
  map: Homography,
  width: number,
  height: number,
): number {
  return localScale(map, 0, 0) * 2 / Math.sqrt(width * height);
}

/** Number of the blurred copy for a sampling step: level n is for steps about 2^(n/2) pixels; steps of one or less have level 0. */
export function samplingLevel(stepPixels: number): number {
  return Math.max(0, Math.round(2 * Math.log2(stepPixels)));
}

/** Standard deviation, in pixels, of the Gaussian that makes a level: that of 0.5 samples less that of 0.5 pixels. */
export function levelSigma(level: number): number {
  return antiAliasSigma * Math.sqrt(2 ** level - 1);
}

/**
 * Resamples a region to `width` × `height` values, bilinearly: value (i, j) is the picture at
 * map((2i+1)/width − 1, (2j+1)/height − 1), pixels outside the picture repeating its border.
 * @param window must hold every pixel of the picture next to a sample
 * @param map from the square [−1, 1]² to pixels of the picture
 * @param into f32 [height, width], overwritten
 */
export function sampleWindow(
  window: RealWindow,
  map: Homography,
  width: number,
  height: number,
  into: Float32Array,
) {
  const { values } = window;
  const columns = window.width;
  const origin = window.top * columns + window.left;
  const lastX = window.pictureWidth - 1;
  const lastY = window.pictureHeight - 1;
  const stepU = 2 / width;
  const stepX = map[0] * stepU;
  const stepY = map[3] * stepU;
  const stepW = map[6] * stepU;
  const firstU = 1 / width - 1;
  for (let j = 0, at = 0; j < height; j++) {
    const v = (2 * j + 1) / height - 1;
    let x = map[0] * firstU + map[1] * v + map[2];
    let y = map[3] * firstU + map[4] * v + map[5];
    let w = map[6] * firstU + map[7] * v + map[8];
    for (let i = 0; i < width; i++, at++, x += stepX, y += stepY, w += stepW) {
      const px = x / w;
      const py = y / w;
      const cx = px < 0 ? 0 : px > lastX ? lastX : px;
      const cy = py < 0 ? 0 : py > lastY ? lastY : py;
      const left = cx | 0;
      const top = cy | 0;
      const fx = cx - left;
      const fy = cy - top;
      const a = top * columns + left - origin;
      const right = left < lastX ? 1 : 0;
      const below = top < lastY ? columns : 0;
      const upper = values[a] + fx * (values[a + right] - values[a]);
      const b = a + below;
      const lower = values[b] + fx * (values[b + right] - values[b]);
      into[at] = upper + fy * (lower - upper);
    }
  }
}
