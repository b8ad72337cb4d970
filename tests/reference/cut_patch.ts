/** What a patch shows, stated a second time, in float64 and pixel by pixel: see features/patches/cut_patches.ts. */

/** A picture as a function of whole pixels. */
export interface ReferencePicture {
  width: number;
  height: number;
  at(x: number, y: number): number;
}

/** The values of a patch before rounding, [side, side]: the picture blurred for the sampling step, bilinear at the samples' places. */
export function cutPatchReference(
  picture: ReferencePicture,
  keypoint: { x: number; y: number; sigma: number; angle: number },
  sidePixels: number,
  sideSigmas: number,
): number[] {
  const step = sideSigmas * keypoint.sigma / sidePixels;
  const level = Math.max(0, Math.round(2 * Math.log2(step)));
  const sigma = 0.5 * Math.sqrt(2 ** level - 1);
  const values: number[] = [];
  for (let j = 0; j < sidePixels; j++) {
    for (let i = 0; i < sidePixels; i++) {
      const right = (i + 0.5 - sidePixels / 2) * step;
      const down = (j + 0.5 - sidePixels / 2) * step;
      const cos = Math.cos(keypoint.angle);
      const sin = Math.sin(keypoint.angle);
      values.push(
        bilinear(
          picture,
          sigma,
          keypoint.x + cos * right - sin * down,
          keypoint.y + sin * right + cos * down,
        ),
      );
    }
  }
  return values;
}

function bilinear(
  picture: ReferencePicture,
  sigma: number,
  x: number,
  y: number,
): number {
  x = clamp(x, picture.width);
  y = clamp(y, picture.height);
  const left = Math.floor(x);
  const top = Math.floor(y);
  let sum = 0;
  for (
    const [cornerX, weightX] of [[left, left + 1 - x], [left + 1, x - left]]
  ) {
    for (const [cornerY, weightY] of [[top, top + 1 - y], [top + 1, y - top]]) {
      const weight = weightX * weightY;
      if (weight > 0) sum += weight * blurred(picture, sigma, cornerX, cornerY);
    }
  }
  return sum;
}

function blurred(
  picture: ReferencePicture,
  sigma: number,
  x: number,
  y: number,
): number {
  if (sigma === 0) return picture.at(x, y);
  const radius = Math.max(1, Math.ceil(3.5 * sigma));
  let sum = 0;
  let weights = 0;
  for (let dy = -radius; dy <= radius; dy++) {
    for (let dx = -radius; dx <= radius; dx++) {
      const weight = Math.exp(-(dx * dx + dy * dy) / (2 * sigma * sigma));
      weights += weight;
      sum += weight *
        picture.at(clamp(x + dx, picture.width), clamp(y + dy, picture.height));
    }
  }
  return sum / weights;
}

function clamp(place: number, size: number): number {
  return Math.min(size - 1, Math.max(0, place));
}
