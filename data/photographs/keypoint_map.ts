import { DataError } from "../errors.ts";
import {
  gaussianBlur,
  gaussianCut,
  type Plane,
  takeEverySecondPixel,
} from "../../features/images/plane.ts";
import { blurWindow, wholeWindow } from "../../features/images/plane_window.ts";

/** How the probability of a keypoint grows with the determinant of the Hessian: 1st, ½th or ¼th power, or not at all. */
export type WeightFunction =
  | "Hessian"
  | "HessianSqrt"
  | "HessianSqrt4"
  | "uniform";

/** Blur that a photograph is taken to have by itself, in pixels. */
const cameraSigma = 0.5;
/** Scales from this one on are looked for in a picture of half the size, and so on by octaves. */
const octaveSigma = 4;

const exponentOf: Record<WeightFunction, number> = {
  Hessian: 1,
  HessianSqrt: 1 / 2,
  HessianSqrt4: 1 / 4,
  uniform: 0,
};

/**
 * The scale list that `sigmas_v` names, ascending, in pixels. "e011" is ours for the authors' name: eleven scales, 2·2^(k/4) for
 * k = 0 … 10, from 2 to 11.3, so that patches (10 sigma wide) cover 20 to 113 pixels. Else numbers separated by commas.
 * @throws {DataError} on another name, or a scale outside 1 … 50
 */
export function scaleList(sigmasV: string): number[] {
  if (sigmasV === "e011") {
    return Array.from({ length: 11 }, (_, k) => 2 * 2 ** (k / 4));
  }
  const scales = sigmasV.split(",").map((text) =>
    text.trim() === "" ? NaN : Number(text)
  );
  if (!scales.every((scale) => scale >= 1 && scale <= 50)) {
    throw new DataError({
      attempt: "choose the keypoint scales",
      where: "download.sigmas_v",
      found: JSON.stringify(sigmasV),
      wanted: '"e011" or scales of 1 to 50 pixels separated by commas',
    });
  }
  return [...new Set(scales)].sort((a, b) => a - b);
}

/** Pixels of a band, about: a photograph of a megapixel is one band, a large one never needs a second copy of itself. */
const bandPixels = 2 ** 20;

/** The keypoint weights of one scale in a band of rows; pixel (x, y) of the band lies at (x, top + y)·stepPixels of the photograph. */
export interface WeightBand {
  sigma: number;
  stepPixels: number;
  /** Row of the scale's picture that is the band's first; a scale's first band has 0. */
  top: number;
  width: number;
  height: number;
  /** Weight of the stepPixels² photograph pixels that a pixel stands for, f32 [height, width]; zero where no keypoint may lie. */
  weights: Float32Array;
}

/**
 * Keypoint weights of a photograph for every scale, band after band: the scale-normalised determinant of the Hessian of the blurred
 * picture, `sigma⁴·(Lxx·Lyy − Lxy²)` where positive (blobs) and else zero, to the power the weight function names; `uniform` is 1
 * everywhere. Closer to the border than `marginSigmas`·sigma the weight is zero. Each pass computes the bands anew, so that a pass
 * needs memory for a few copies of the photograph and not for every scale.
 * Source: Lindeberg's scale-normalised detector, as HPatches' Hessian keypoints.
 */
export function keypointMaps(
  photograph: Plane,
  sigmas: readonly number[],
  weightFunction: WeightFunction,
  marginSigmas: number,
): Iterable<WeightBand> {
  const exponent = exponentOf[weightFunction];
  return {
    *[Symbol.iterator]() {
      let plane = photograph;
      let stepPixels = 1;
      let present = cameraSigma;
      for (const sigma of sigmas) {
        while (sigma / stepPixels >= octaveSigma) {
          plane = takeEverySecondPixel(gaussianBlur(plane, 1));
          present = Math.sqrt(present * present + 1) / 2;
          stepPixels *= 2;
        }
        const local = sigma / stepPixels;
        yield* bandsOf(plane, {
          sigma,
          stepPixels,
          blurSigma: Math.sqrt(local * local - present * present),
          margin: Math.max(1, Math.ceil(marginSigmas * local)),
          exponent,
        });
      }
    },
  };
}

/** One scale in the picture of its octave. */
interface LocalScale {
  sigma: number;
  stepPixels: number;
  /** Standard deviation of the Gaussian that takes the picture to the scale. */
  blurSigma: number;
  /** Rows and columns at the border that have no weight. */
  margin: number;
  exponent: number;
}

function* bandsOf(plane: Plane, scale: LocalScale): Generator<WeightBand> {
  const { width, height } = plane;
  const { sigma, stepPixels } = scale;
  const bands = Math.max(1, Math.round(width * height / bandPixels));
  for (let band = 0; band < bands; band++) {
    const top = Math.floor(band * height / bands);
    const rows = Math.floor((band + 1) * height / bands) - top;
    const weights = weightsOf(plane, scale, top, rows);
    yield { sigma, stepPixels, top, width, height: rows, weights };
  }
}

function weightsOf(
  { width, height, values: pixels }: Plane,
  { sigma, stepPixels, blurSigma, margin, exponent }: LocalScale,
  top: number,
  rows: number,
): Float32Array {
  const weights = new Float32Array(width * rows);
  const pixelArea = stepPixels ** 2;
  const first = Math.max(margin, top);
  const last = Math.min(height - margin, top + rows);
  if (first >= last) return weights;
  if (exponent === 0) {
    for (let y = first; y < last; y++) {
      const start = (y - top) * width;
      weights.fill(pixelArea, start + margin, start + width - margin);
    }
    return weights;
  }
  const { values } = blurWindow(
    wholeWindow({ width, height, pixels }),
    blurSigma,
    { left: 0, top: first - 1, width, height: last - first + 2 },
    gaussianCut,
  );
  const normalisation = (sigma / stepPixels) ** 4;
  for (let y = first; y < last; y++) {
    const offset = (y - top) * width;
    const from = (y - first + 1) * width;
    for (let x = margin; x < width - margin; x++) {
      const at = from + x;
      const centre = 2 * values[at];
      const xx = values[at - 1] + values[at + 1] - centre;
      const yy = values[at - width] + values[at + width] - centre;
      const xy = (values[at - width - 1] + values[at + width + 1] -
        values[at - width + 1] - values[at + width - 1]) / 4;
      const determinant = normalisation * (xx * yy - xy * xy);
      if (determinant > 0) {
        weights[offset + x] = pixelArea * determinant ** exponent;
      }
    }
  }
  return weights;
}
