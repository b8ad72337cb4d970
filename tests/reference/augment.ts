import type { AugmentParameters } from "../../gpu/augmentation.ts";

const frame = 70;
const edge = 3;

/**
 * The composed warp in float64, over all pixels of the plane: the mean of the patch (edge repeated for 3 pixels, then 0)
 * under Λ(∂c)·Λ(∂r), the place of each pixel relative to the output pixel in output pixels; 32×32 in 0 … 1.
 *
 * @param matrix [xc, xr, x0, yc, yr, y0], from output (c, r) to patch (x, y)
 */
export function warpPatch(
  patch: Uint8Array,
  [xc, xr, x0, yc, yr, y0]: readonly number[],
): Float64Array {
  const determinant = xc * yr - xr * yc;
  const result = new Float64Array(1024);
  for (let r = 0; r < 32; r++) {
    for (let c = 0; c < 32; c++) {
      const x = xc * c + xr * r + x0;
      const y = yc * c + yr * r + y0;
      let value = 0;
      let total = 0;
      for (let q = Math.floor(y) - 5; q <= Math.floor(y) + 5; q++) {
        for (let p = Math.floor(x) - 5; p <= Math.floor(x) + 5; p++) {
          const dx = p + 0.5 - x;
          const dy = q + 0.5 - y;
          const weight = triangle((yr * dx - xr * dy) / determinant) *
            triangle((xc * dy - yc * dx) / determinant);
          value += weight * framePixel(patch, p + edge, q + edge);
          total += weight;
        }
      }
      result[r * 32 + c] = value / total / 255;
    }
  }
  return result;
}

/**
 * The authors' chain step by step in float64, without the 8-bit rounding: 70×70 frame, bicubic affine, crop resized by
 * PIL's triangles, transpose, flip; 32×32 in 0 … 1.
 */
export function augmentInSteps(
  patch: Uint8Array,
  { angle, scale, shear, crop, transpose, flip }: AugmentParameters,
): Float64Array {
  const warped = bicubicAffine(patch, angle, scale, shear);
  const resized = new Float64Array(1024);
  for (let v = 0; v < 32; v++) {
    for (let u = 0; u < 32; u++) {
      const columns = pilTaps(u, crop.width);
      const rows = pilTaps(v, crop.height);
      let sum = 0;
      for (const [y, rowWeight] of rows) {
        for (const [x, columnWeight] of columns) {
          sum += rowWeight * columnWeight *
            warped[(crop.top + y) * frame + crop.left + x];
        }
      }
      resized[v * 32 + u] = sum / 255;
    }
  }
  return Float64Array.from({ length: 1024 }, (_, at) => {
    const row = Math.floor(at / 32);
    const column = flip ? 31 - at % 32 : at % 32;
    return transpose ? resized[column * 32 + row] : resized[row * 32 + column];
  });
}

/** Rotation by `angle`, magnification and shear about the frame's centre, sampled by Keys' cubic with a = −½. */
function bicubicAffine(
  patch: Uint8Array,
  angle: number,
  scale: number,
  shear: number,
): Float64Array {
  const a = angle * Math.PI / 180;
  const s = shear * Math.PI / 180;
  // Forward: scale·[[cos a, −sin(a + s)], [sin a, cos(a + s)]]; its inverse brings a pixel back to the source.
  const forward = [
    scale * Math.cos(a),
    -scale * Math.sin(a + s),
    scale * Math.sin(a),
    scale * Math.cos(a + s),
  ];
  const determinant = forward[0] * forward[3] - forward[1] * forward[2];
  const result = new Float64Array(frame * frame);
  for (let row = 0; row < frame; row++) {
    for (let column = 0; column < frame; column++) {
      const u = column + 0.5 - frame / 2;
      const v = row + 0.5 - frame / 2;
      const x = (forward[3] * u - forward[1] * v) / determinant + frame / 2;
      const y = (forward[0] * v - forward[2] * u) / determinant + frame / 2;
      if (x < 0 || x >= frame || y < 0 || y >= frame) continue;
      const left = Math.floor(x - 0.5);
      const top = Math.floor(y - 0.5);
      let sum = 0;
      for (let j = -1; j <= 2; j++) {
        for (let i = -1; i <= 2; i++) {
          const p = Math.min(frame - 1, Math.max(0, left + i));
          const q = Math.min(frame - 1, Math.max(0, top + j));
          sum += cubic(x - 0.5 - left - i) * cubic(y - 0.5 - top - j) *
            framePixel(patch, p, q);
        }
      }
      result[row * frame + column] = Math.min(255, Math.max(0, sum));
    }
  }
  return result;
}

/** Pixel (p, q) of the patch with its edge repeated; 0 outside the frame. */
function framePixel(patch: Uint8Array, p: number, q: number): number {
  if (p < 0 || p >= frame || q < 0 || q >= frame) return 0;
  const x = Math.min(63, Math.max(0, p - edge));
  const y = Math.min(63, Math.max(0, q - edge));
  return patch[y * 64 + x];
}

/** [pixel, weight] of output j when `size` pixels shrink to 32. */
function pilTaps(j: number, size: number): [number, number][] {
  const scale = size / 32;
  const centre = (j + 0.5) * scale;
  const taps: [number, number][] = [];
  for (let p = 0; p < size; p++) {
    const weight = triangle((p + 0.5 - centre) / scale);
    if (weight > 0) taps.push([p, weight]);
  }
  const total = taps.reduce((sum, [, weight]) => sum + weight, 0);
  return taps.map(([p, weight]) => [p, weight / total]);
}

function triangle(t: number): number {
  return Math.max(0, 1 - Math.abs(t));
}

function cubic(t: number): number {
  const x = Math.abs(t);
  if (x < 1) return 1.5 * x ** 3 - 2.5 * x ** 2 + 1;
  if (x < 2) return -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2;
  return 0;
}
