import type { GreyImage } from "./grey_image.ts";

/** A picture as one plane of real grey values, nominally 0 … 255. */
export interface Plane {
  width: number;
  height: number;
  /** f32 [height, width]. */
  values: Float32Array;
}

/** The same picture with real values. */
export function planeOf(image: GreyImage): Plane {
  return {
    width: image.width,
    height: image.height,
    values: Float32Array.from(image.pixels),
  };
}

/**
 * Convolution with a Gaussian of standard deviation `sigma` pixels (cut at 3.5 sigma, border pixels repeated).
 * A sigma of zero or less copies.
 */
export function gaussianBlur(plane: Plane, sigma: number): Plane {
  const { width, height } = plane;
  if (!(sigma > 0)) return { width, height, values: plane.values.slice() };
  const taps = gaussianTaps(sigma);
  const radius = (taps.length - 1) / 2;
  const rows = new Float32Array(width * height);
  const line = new Float32Array(width + 2 * radius);
  for (let y = 0; y < height; y++) {
    const start = y * width;
    line.fill(plane.values[start], 0, radius);
    line.set(plane.values.subarray(start, start + width), radius);
    line.fill(plane.values[start + width - 1], radius + width);
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = 0; k < taps.length; k++) sum += taps[k] * line[x + k];
      rows[start + x] = sum;
    }
  }
  const values = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const target = values.subarray(y * width, (y + 1) * width);
    for (let k = -radius; k <= radius; k++) {
      const from = Math.min(height - 1, Math.max(0, y + k)) * width;
      const tap = taps[k + radius];
      for (let x = 0; x < width; x++) target[x] += tap * rows[from + x];
    }
  }
  return { width, height, values };
}

function gaussianTaps(sigma: number): Float32Array {
  const radius = Math.max(1, Math.ceil(3.5 * sigma));
  const taps = Float32Array.from(
    { length: 2 * radius + 1 },
    (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)),
  );
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return taps.map((tap) => tap / sum);
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
