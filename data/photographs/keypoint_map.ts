import { DataError } from "../errors.ts";
import {
  gaussianBlur,
  type Plane,
  takeEverySecondPixel,
} from "../../features/images/plane.ts";

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

/** The keypoint weights of one scale; pixel (x, y) of the map lies at (x, y)·stepPixels of the photograph. */
export interface WeightMap {
  sigma: number;
  stepPixels: number;
  width: number;
  height: number;
  /** Weight of the stepPixels² photograph pixels that a map pixel stands for, f32 [height, width]; zero where no keypoint may lie. */
  weights: Float32Array;
}

/**
 * Keypoint weights of a photograph for every scale: the scale-normalised determinant of the Hessian of the blurred picture,
 * `sigma⁴·(Lxx·Lyy − Lxy²)` where positive (blobs) and else zero, to the power the weight function names; `uniform` is 1
 * everywhere. Closer to the border than `marginSigmas`·sigma the weight is zero.
 * Source: Lindeberg's scale-normalised detector, as HPatches' Hessian keypoints.
 */
export function keypointMaps(
  photograph: Plane,
  sigmas: readonly number[],
  weightFunction: WeightFunction,
  marginSigmas: number,
): WeightMap[] {
  const exponent = exponentOf[weightFunction];
  const maps: WeightMap[] = [];
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
    const blurred = exponent === 0
      ? plane
      : gaussianBlur(plane, Math.sqrt(local * local - present * present));
    const margin = Math.max(1, Math.ceil(marginSigmas * local));
    maps.push({
      sigma,
      stepPixels,
      width: plane.width,
      height: plane.height,
      weights: hessianWeights(
        blurred,
        local,
        exponent,
        margin,
        stepPixels ** 2,
      ),
    });
  }
  return maps;
}

function hessianWeights(
  plane: Plane,
  sigma: number,
  exponent: number,
  margin: number,
  pixelArea: number,
): Float32Array {
  const { width, height, values } = plane;
  const weights = new Float32Array(width * height);
  const normalisation = sigma ** 4;
  for (let y = margin; y < height - margin; y++) {
    for (let x = margin; x < width - margin; x++) {
      const at = y * width + x;
      if (exponent === 0) {
        weights[at] = pixelArea;
        continue;
      }
      const centre = 2 * values[at];
      const xx = values[at - 1] + values[at + 1] - centre;
      const yy = values[at - width] + values[at + width] - centre;
      const xy = (values[at - width - 1] + values[at + width + 1] -
        values[at - width + 1] - values[at + width - 1]) / 4;
      const determinant = normalisation * (xx * yy - xy * xy);
      if (determinant > 0) {
        weights[at] = pixelArea * determinant ** exponent;
      }
    }
  }
  return weights;
}
