import type { GreyPicture } from "../images/grey_picture.ts";
import {
  blurWindow,
  gaussianRadius,
  grow,
  type PlaneWindow,
  type RealWindow,
  type Rectangle,
  wholeWindow,
} from "../images/plane_window.ts";

/** Scale of the first layer of every octave, in samples of the octave. Source: Lowe, IJCV 2004. */
export const baseSigma = 1.6;
/** Scales that keypoints are looked for at in every octave. */
export const scalesPerOctave = 3;
/** Blur that a picture is taken to have by itself, in pixels. */
const cameraSigma = 0.5;
/** Standard deviations at which the Gaussians end. */
const gaussianEnd = 4;

/** Scale of a layer, in samples of its octave; `layer` may lie between two. */
export function layerSigma(layer: number): number {
  return baseSigma * 2 ** (layer / scalesPerOctave);
}

/** What has to be blurred onto layer − 1 to give a layer. */
function addedSigma(layer: number): number {
  return Math.sqrt(layerSigma(layer) ** 2 - layerSigma(layer - 1) ** 2);
}

/** One octave of a picture's scale space: the first layer inside any rectangle, from which the others follow. */
export interface Octave {
  /** Pixels of the picture between neighbouring samples. */
  stepPixels: number;
  /** Where the first sample lies, in pixels of the picture, in x and in y: sample x lies at originPixels + x·stepPixels. */
  originPixels: number;
  /** Samples in a row. */
  width: number;
  height: number;
  /** The first layer, at least inside the rectangle. */
  firstLayer(rectangle: Rectangle): RealWindow;
}

/** The octave of the picture's own pixels. */
export function pictureOctave(picture: GreyPicture): Octave {
  const whole = wholeWindow(picture);
  const sigma = Math.sqrt(baseSigma ** 2 - cameraSigma ** 2);
  return {
    stepPixels: 1,
    originPixels: 0,
    width: picture.width,
    height: picture.height,
    firstLayer: (rectangle) => blurWindow(whole, sigma, rectangle, gaussianEnd),
  };
}

/**
 * The octave of twice as many samples: four in every pixel, a quarter of a pixel from its centre, with linear values, so that all are
 * equally blurred. Only asked-for parts are made.
 */
export function doubledOctave(picture: GreyPicture): Octave {
  const width = 2 * picture.width;
  const height = 2 * picture.height;
  const sigma = Math.sqrt(baseSigma ** 2 - (2 * cameraSigma) ** 2);
  return {
    stepPixels: 0.5,
    originPixels: -0.25,
    width,
    height,
    firstLayer(rectangle) {
      const margin = gaussianRadius(sigma, gaussianEnd);
      const around = grow(rectangle, margin, width, height);
      return blurWindow(
        doubledWindow(picture, around),
        sigma,
        rectangle,
        gaussianEnd,
      );
    },
  };
}

function doubledWindow(picture: GreyPicture, target: Rectangle): PlaneWindow {
  const { left, top, width, height } = target;
  const { pixels } = picture;
  const values = new Float32Array(width * height);
  const within = (place: number, size: number) =>
    Math.min(size - 1, Math.max(0, place));
  for (let j = 0, at = 0; j < height; j++) {
    const y = top + j;
    const near = (y >> 1) * picture.width;
    const far = within((y >> 1) + (y & 1 ? 1 : -1), picture.height) *
      picture.width;
    for (let i = 0; i < width; i++, at++) {
      const x = left + i;
      const close = x >> 1;
      const distant = within(close + (x & 1 ? 1 : -1), picture.width);
      values[at] = (9 * pixels[near + close] + 3 * pixels[near + distant] +
        3 * pixels[far + close] + pixels[far + distant]) / 16;
    }
  }
  return {
    ...target,
    values,
    pictureWidth: 2 * picture.width,
    pictureHeight: 2 * picture.height,
  };
}

/** The octave after another: every second sample of the layer that has twice the first one's scale, collected tile by tile. */
export class NextOctave implements Octave {
  readonly stepPixels: number;
  readonly originPixels: number;
  readonly width: number;
  readonly height: number;
  readonly #values: Float32Array;

  constructor(octave: Octave) {
    this.stepPixels = 2 * octave.stepPixels;
    this.originPixels = octave.originPixels;
    this.width = (octave.width + 1) >> 1;
    this.height = (octave.height + 1) >> 1;
    this.#values = new Float32Array(this.width * this.height);
  }

  /** Takes over its samples inside a tile of the octave before. */
  collect(layers: readonly RealWindow[], tile: Rectangle) {
    const layer = layers[scalesPerOctave];
    const right = tile.left + tile.width;
    const bottom = tile.top + tile.height;
    for (let y = (tile.top + 1) >> 1; 2 * y < bottom; y++) {
      const from = (2 * y - layer.top) * layer.width - layer.left;
      for (let x = (tile.left + 1) >> 1; 2 * x < right; x++) {
        this.#values[y * this.width + x] = layer.values[from + 2 * x];
      }
    }
  }

  firstLayer(): RealWindow {
    const { width, height } = this;
    return {
      left: 0,
      top: 0,
      width,
      height,
      values: this.#values,
      pictureWidth: width,
      pictureHeight: height,
    };
  }
}

/**
 * The Gaussian layers 0 … count − 1 of an octave around a tile: layer i has the scale 1.6·2^(i/3) samples.
 * @param margins samples beyond the tile that each layer must reach, as far as the octave goes
 */
export function gaussianLayers(
  octave: Octave,
  tile: Rectangle,
  margins: readonly number[],
): RealWindow[] {
  const reach = [...margins];
  for (let layer = reach.length - 1; layer > 0; layer--) {
    const needed = reach[layer] +
      gaussianRadius(addedSigma(layer), gaussianEnd);
    reach[layer - 1] = Math.max(reach[layer - 1], needed);
  }
  const rectangle = (layer: number) =>
    grow(tile, reach[layer], octave.width, octave.height);
  const layers = [octave.firstLayer(rectangle(0))];
  for (let layer = 1; layer < reach.length; layer++) {
    layers.push(
      blurWindow(
        layers[layer - 1],
        addedSigma(layer),
        rectangle(layer),
        gaussianEnd,
      ),
    );
  }
  return layers;
}
