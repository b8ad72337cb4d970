import type { RandomStream } from "../random.ts";

const blockSide = 8;
const blockLength = blockSide * blockSide;

/** Steps of the luminance coefficients at quality 50. Source: ITU-T T.81, table K.1. */
// deno-fmt-ignore
const luminanceSteps = Uint8Array.of(
  16, 11, 10, 16, 24, 40, 51, 61,
  12, 12, 14, 19, 26, 58, 60, 55,
  14, 13, 16, 24, 40, 57, 69, 56,
  14, 17, 22, 29, 51, 87, 80, 62,
  18, 22, 37, 56, 68, 109, 103, 77,
  24, 35, 55, 64, 81, 104, 113, 92,
  49, 64, 78, 87, 103, 121, 120, 101,
  72, 92, 95, 98, 112, 100, 103, 99,
);

/** Row k holds the k-th cosine of the orthonormal DCT-II over eight samples. */
const cosines = Float64Array.from({ length: blockLength }, (_, at) => {
  const k = at >> 3;
  const angle = (2 * (at & 7) + 1) * k * Math.PI / (2 * blockSide);
  return Math.cos(angle) * Math.sqrt((k === 0 ? 1 : 2) / blockSide);
});

/** The steps of a quality, as libjpeg scales them. */
function stepsOf(quality: number): Float64Array {
  const percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  return Float64Array.from(
    luminanceSteps,
    (step) =>
      Math.min(255, Math.max(1, Math.floor((step * percent + 50) / 100))),
  );
}

/**
 * Does to grey values what a JPEG of this quality does: each block of 8 × 8 loses what rounding its cosine coefficients to whole steps
 * loses. The grid of blocks begins at a random place; blocks cut by the border repeat it.
 * @param pixels u8 [side, side], changed in place
 * @param quality 1 … 100
 */
export function compressLikeJpeg(
  pixels: Uint8Array,
  side: number,
  quality: number,
  stream: RandomStream,
) {
  const steps = stepsOf(quality);
  const left = stream.integer(blockSide);
  const top = stream.integer(blockSide);
  const block = new Float64Array(blockLength);
  const inside = (at: number) => Math.min(side - 1, Math.max(0, at));
  for (let y = -top; y < side; y += blockSide) {
    for (let x = -left; x < side; x += blockSide) {
      for (let at = 0; at < blockLength; at++) {
        block[at] =
          pixels[inside(y + (at >> 3)) * side + inside(x + (at & 7))] - 128;
      }
      transform(block, false);
      for (let at = 0; at < blockLength; at++) {
        block[at] = Math.round(block[at] / steps[at]) * steps[at];
      }
      transform(block, true);
      for (let at = 0; at < blockLength; at++) {
        const row = y + (at >> 3);
        const column = x + (at & 7);
        if (row !== inside(row) || column !== inside(column)) continue;
        pixels[row * side + column] = Math.min(
          255,
          Math.max(0, Math.round(block[at] + 128)),
        );
      }
    }
  }
}

const halfway = new Float64Array(blockLength);

/** The two-dimensional cosine transform of a block in place, or its inverse. */
function transform(block: Float64Array, inverse: boolean) {
  oneWay(block, halfway, inverse);
  oneWay(halfway, block, inverse);
}

/** Transforms every row of `from` and writes the result as a column of `into`. */
function oneWay(from: Float64Array, into: Float64Array, inverse: boolean) {
  const alongK = inverse ? 1 : blockSide;
  const alongN = inverse ? blockSide : 1;
  for (let row = 0; row < blockSide; row++) {
    for (let k = 0; k < blockSide; k++) {
      let sum = 0;
      for (let n = 0; n < blockSide; n++) {
        sum += cosines[k * alongK + n * alongN] * from[row * blockSide + n];
      }
      into[k * blockSide + row] = sum;
    }
  }
}
