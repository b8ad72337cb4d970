import { type Homography, localScale } from "./homography.ts";
import { gaussianBlur, type Plane } from "./plane.ts";

/** Blur, in samples of the coarser grid, that keeps a coarser grid free of aliasing without softening it more than needed. */
const antiAliasSigma = 0.5;
const highestLevel = 12;

/**
 * A picture ready to be resampled at any size: copies blurred for sampling steps of 1, √2, 2, 2√2 … pixels, made when first
 * asked for. Sampling is bilinear in the copy that fits the step.
 */
export class SamplingStack {
  readonly width: number;
  readonly height: number;
  readonly #plane: Plane;
  readonly #levels: (Plane | undefined)[] = [];

  constructor(plane: Plane) {
    this.#plane = plane;
    this.width = plane.width;
    this.height = plane.height;
  }

  /** The picture blurred so that a sample every `stepPixels` pixels is enough; steps of one or less give it as it is. */
  #level(stepPixels: number): Plane {
    const number = Math.min(
      highestLevel,
      Math.max(0, Math.round(2 * Math.log2(stepPixels))),
    );
    return this.#levels[number] ??= gaussianBlur(
      this.#plane,
      antiAliasSigma * Math.sqrt(2 ** number - 1),
    );
  }

  /**
   * Resamples a region to `width` × `height` values: value (i, j) is the picture at map((2i+1)/width − 1, (2j+1)/height − 1),
   * pixels outside repeating the border.
   * @param map from the square [−1, 1]² to pixels of the picture
   * @param into f32 [height, width], overwritten
   * @param softness how many times coarser than the result's own grid the picture is taken to be, at least 1
   */
  sample(
    map: Homography,
    width: number,
    height: number,
    into: Float32Array,
    softness = 1,
  ) {
    const stepPixels = localScale(map, 0, 0) * 2 / Math.sqrt(width * height);
    const { values } = this.#level(stepPixels * softness);
    const columns = this.width;
    const lastX = columns - 1;
    const lastY = this.height - 1;
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
      for (
        let i = 0;
        i < width;
        i++, at++, x += stepX, y += stepY, w += stepW
      ) {
        const px = x / w;
        const py = y / w;
        const cx = px < 0 ? 0 : px > lastX ? lastX : px;
        const cy = py < 0 ? 0 : py > lastY ? lastY : py;
        const left = cx | 0;
        const top = cy | 0;
        const fx = cx - left;
        const fy = cy - top;
        const a = top * columns + left;
        const right = left < lastX ? 1 : 0;
        const below = top < lastY ? columns : 0;
        const upper = values[a] + fx * (values[a + right] - values[a]);
        const b = a + below;
        const lower = values[b] + fx * (values[b + right] - values[b]);
        into[at] = upper + fy * (lower - upper);
      }
    }
  }
}
