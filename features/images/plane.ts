import type { GreyPicture } from "./grey_picture.ts";
import { blurWindow, wholeWindow } from "./plane_window.ts";

/** A picture as one plane of real grey values, nominally 0 … 255. */
export interface Plane {
  width: number;
  height: number;
  /** f32 [height, width]. */
  values: Float32Array;
}

/** Standard deviations at which a Gaussian ends unless more is asked for. */
export const gaussianCut = 3.5;

/** The same picture with real values. */
export function planeOf(picture: GreyPicture): Plane {
  return {
    width: picture.width,
    height: picture.height,
    values: Float32Array.from(picture.pixels),
  };
}

/**
 * Convolution with a Gaussian of standard deviation `sigma` pixels (cut at 3.5 sigma, border pixels repeated).
 * A sigma of zero or less copies.
 */
export function gaussianBlur(plane: Plane, sigma: number): Plane {
  const { width, height, values: pixels } = plane;
  const whole = wholeWindow({ width, height, pixels });
  const { values } = blurWindow(whole, sigma, whole, gaussianCut);
  return { width, height, values };
}

/** Every second pixel of every second row; pixel (x, y) of the result is pixel (2x, 2y) of the plane. */
export function takeEverySecondPixel(plane: Plane): Plane {
  const width = (plane.width + 1) >> 1;
  const height = (plane.height + 1) >> 1;
  const values = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      values[y * width + x] = plane.values[2 * y * plane.width + 2 * x];
    }
  }
  return { width, height, values };
}
