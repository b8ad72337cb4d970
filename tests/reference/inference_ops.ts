import { extents, type Tensor, zeros } from "./tensor.ts";

/** How a patch is normalised: by its own mean and deviation, or by those of a set. */
export type Normalization =
  | { divisor: number; underRoot: number; besideRoot: number }
  | { mean: number; deviation: number };

/** (x − mean)·scale of every patch [N, 1, H, W]. */
export function normalizePatch(x: Tensor, by: Normalization): Tensor {
  const { samples, height, width } = extents(x);
  const area = height * width;
  const y = zeros(...x.shape);
  for (let n = 0; n < samples; n++) {
    const patch = x.data.subarray(n * area, (n + 1) * area);
    let [mean, deviation] = [0, 0];
    if ("mean" in by) {
      ({ mean, deviation } = by);
    } else {
      mean = patch.reduce((sum, value) => sum + value, 0) / area;
      const square = patch.reduce(
        (sum, value) => sum + (value - mean) ** 2,
        0,
      );
      deviation = Math.sqrt(square / by.divisor + by.underRoot) +
        by.besideRoot;
    }
    patch.forEach((value, at) => {
      y.data[n * area + at] = (value - mean) / deviation;
    });
  }
  return y;
}

/** A function of every value. */
export function mapped(
  { shape, data }: Tensor,
  of: (value: number) => number,
): Tensor {
  return { shape, data: data.map(of) };
}

/** The largest of every 2×2 values of [N, C, H, W]. */
export function maxPool2(x: Tensor): Tensor {
  const { samples, channels, height, width } = extents(x);
  const y = zeros(samples, channels, height / 2, width / 2);
  y.data.fill(-Infinity);
  x.data.forEach((value, at) => {
    const map = Math.floor(at / (height * width));
    const row = Math.floor(at / width) % height >> 1;
    const place = (map * height / 2 + row) * width / 2 + (at % width >> 1);
    y.data[place] = Math.max(y.data[place], value);
  });
  return y;
}
