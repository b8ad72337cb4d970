import { compose, type Homography, scaling } from "../geometry/homography.ts";
import { gaussianCut, type Plane } from "../images/plane.ts";
import {
  blurWindow,
  type RealWindow,
  wholeWindow,
} from "../images/plane_window.ts";
import { halvePicture } from "./half_picture.ts";
import {
  highestLevel,
  levelSigma,
  sampleWindow,
  samplingLevel,
  samplingStep,
} from "./sampling.ts";
import { surroundings } from "./surroundings.ts";

/** Pictures of up to so many pixels keep their blurred copies; a hundred bytes a pixel of a large one would be too much. */
const mostKeptPixels = 2 ** 22;

/**
 * A picture ready to be resampled at any size: bilinearly in copies blurred for sampling steps of 1, √2, 2, 2√2 … pixels, of which
 * the one is taken that fits the step. Copies are made when first asked for, and kept of pictures up to 4 megapixels; of larger ones
 * only the surroundings of each region are blurred, to the same values. For many regions of one picture known beforehand,
 * `cutPatches` gives the same values in less time and keeps no copies.
 */
export class SamplingStack {
  readonly width: number;
  readonly height: number;
  readonly #plane: Plane;
  readonly #levels: (RealWindow | undefined)[] = [];
  #half: SamplingStack | undefined;

  constructor(plane: Plane) {
    this.#plane = plane;
    this.width = plane.width;
    this.height = plane.height;
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
    const step = samplingStep(map, width, height);
    const level = samplingLevel(step * softness);
    if (level > highestLevel && Math.min(this.width, this.height) > 1) {
      const halved = compose(scaling(0.5), map);
      this.#halved().sample(halved, width, height, into, softness);
      return;
    }
    const number = Math.min(level, highestLevel);
    sampleWindow(this.#window(number, map), map, width, height, into);
  }

  /** The pixels of a level that the region touches, at the least. */
  #window(level: number, map: Homography): RealWindow {
    const { width, height, values } = this.#plane;
    const whole = { ...wholeWindow(this.#picture()), values };
    if (level === 0) return whole;
    const sigma = levelSigma(level);
    if (values.length > mostKeptPixels) {
      const rectangle = surroundings([map], { width, height });
      return blurWindow(whole, sigma, rectangle, gaussianCut);
    }
    return this.#levels[level] ??= blurWindow(whole, sigma, whole, gaussianCut);
  }

  #halved(): SamplingStack {
    if (this.#half === undefined) {
      const { width, height, pixels } = halvePicture(this.#picture());
      const values = Float32Array.from(pixels);
      this.#half = new SamplingStack({ width, height, values });
    }
    return this.#half;
  }

  #picture() {
    const { width, height, values: pixels } = this.#plane;
    return { width, height, pixels };
  }
}
