import type { RealWindow, Rectangle } from "../images/plane_window.ts";
import { layerSigma, scalesPerOctave } from "./scale_space.ts";

/** Layers of responses an octave: those that keypoints are looked for in, and one before and after. */
export const responseLayers = scalesPerOctave + 2;

/** Largest grey value. */
const whiteGrey = 255;

/** A function of scale space whose extrema are keypoints. */
export interface Detector {
  /** Gaussian layers that it needs. */
  gaussianLayers: number;
  /** Samples around a rectangle that it needs of the Gaussian layers. */
  margin: number;
  /** Whether minima are keypoints as well as maxima. */
  minima: boolean;
  /** Response layer `layer` inside a rectangle, f32 [height, width], in units of its own. */
  respond(
    gaussians: readonly RealWindow[],
    layer: number,
    rectangle: Rectangle,
  ): Float32Array;
  /** A response as a share of the range of grey values, never negative: the same for a round blob by either detector. */
  strength(response: number): number;
  /** The magnitude of a response of that strength. */
  response(strength: number): number;
}

/**
 * Difference of Gaussians, `L(2^(1/3)·σ) − L(σ)`: bright and dark blobs. A Gaussian blob of standard deviation s answers most at
 * σ = 2^(−1/6)·s ≈ 0.89·s. Source: Lowe, IJCV 2004.
 */
export const differenceOfGaussians: Detector = {
  gaussianLayers: responseLayers + 1,
  margin: 0,
  minima: true,
  respond(gaussians, layer, rectangle) {
    const lower = gaussians[layer];
    const upper = gaussians[layer + 1];
    const { left, top, width, height } = rectangle;
    const responses = new Float32Array(width * height);
    for (let y = 0, at = 0; y < height; y++) {
      let a = (top + y - lower.top) * lower.width + left - lower.left;
      let b = (top + y - upper.top) * upper.width + left - upper.left;
      for (let x = 0; x < width; x++, at++, a++, b++) {
        responses[at] = upper.values[b] - lower.values[a];
      }
    }
    return responses;
  },
  strength: (response) => Math.abs(response) / whiteGrey,
  response: (strength) => strength * whiteGrey,
};

/** By this factor a difference of Gaussians answers to a round blob more strongly than the root of the Hessian's determinant. */
const differenceToHessian = 2 * (2 ** (1 / scalesPerOctave) - 1);

/**
 * Scale-normalised determinant of the Hessian, `σ⁴·(Lxx·Lyy − Lxy²)`: bright and dark blobs, edges left out by nature. A Gaussian
 * blob of standard deviation s answers most at σ = s. Source: Lindeberg, IJCV 1998.
 */
export const determinantOfHessian: Detector = {
  gaussianLayers: responseLayers,
  margin: 1,
  minima: false,
  respond(gaussians, layer, rectangle) {
    const { values, width, ...gaussian } = gaussians[layer];
    const normalisation = layerSigma(layer) ** 4;
    const responses = new Float32Array(rectangle.width * rectangle.height);
    // The outermost samples of an octave have no second derivatives and keep a response of zero.
    const firstX = Math.max(1, rectangle.left);
    const firstY = Math.max(1, rectangle.top);
    const lastX = Math.min(
      gaussian.pictureWidth - 1,
      rectangle.left + rectangle.width,
    );
    const lastY = Math.min(
      gaussian.pictureHeight - 1,
      rectangle.top + rectangle.height,
    );
    for (let y = firstY; y < lastY; y++) {
      let from = (y - gaussian.top) * width + firstX - gaussian.left;
      let at = (y - rectangle.top) * rectangle.width + firstX - rectangle.left;
      for (let x = firstX; x < lastX; x++, from++, at++) {
        const centre = 2 * values[from];
        const xx = values[from - 1] + values[from + 1] - centre;
        const yy = values[from - width] + values[from + width] - centre;
        const xy = (values[from - width - 1] + values[from + width + 1] -
          values[from - width + 1] - values[from + width - 1]) / 4;
        responses[at] = normalisation * (xx * yy - xy * xy);
      }
    }
    return responses;
  },
  strength: (response) =>
    differenceToHessian * Math.sqrt(Math.max(0, response)) / whiteGrey,
  response: (strength) => (strength * whiteGrey / differenceToHessian) ** 2,
};
