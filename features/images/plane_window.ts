import type { GreyPicture } from "./grey_picture.ts";

/** A rectangle of a picture's pixels: columns left … left + width − 1, rows top … top + height − 1. */
export interface Rectangle {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** The values of a picture inside a rectangle. Where it touches the picture's border is known, so that filters act there as on the whole. */
export interface PlaneWindow extends Rectangle {
  /** f32 or u8 [height, width]. */
  values: Float32Array | Uint8Array;
  pictureWidth: number;
  pictureHeight: number;
}

/** A window of real values. */
export interface RealWindow extends PlaneWindow {
  values: Float32Array;
}

/** A whole picture as a window; its values are shared, not copied. */
export function wholeWindow(picture: GreyPicture): PlaneWindow {
  const { width, height, pixels } = picture;
  return {
    left: 0,
    top: 0,
    width,
    height,
    values: pixels,
    pictureWidth: width,
    pictureHeight: height,
  };
}

/** A rectangle grown by `margin` pixels on every side as far as the picture goes. */
export function grow(
  rectangle: Rectangle,
  margin: number,
  pictureWidth: number,
  pictureHeight: number,
): Rectangle {
  const left = Math.max(0, rectangle.left - margin);
  const top = Math.max(0, rectangle.top - margin);
  const right = rectangle.left + rectangle.width + margin;
  const bottom = rectangle.top + rectangle.height + margin;
  return {
    left,
    top,
    width: Math.min(pictureWidth, right) - left,
    height: Math.min(pictureHeight, bottom) - top,
  };
}

/** Number of pixels that a Gaussian cut at `cut` standard deviations reaches to each side. */
export function gaussianRadius(sigma: number, cut: number): number {
  return Math.max(1, Math.ceil(cut * sigma));
}

function gaussianTaps(sigma: number, cut: number): Float32Array {
  const radius = gaussianRadius(sigma, cut);
  const taps = Float32Array.from(
    { length: 2 * radius + 1 },
    (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)),
  );
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return taps.map((tap) => tap / sum);
}

/**
 * Convolution of the picture with a Gaussian, inside `target` only: every value is what blurring the whole picture gives there, bit
 * for bit. Pixels beyond the picture's border repeat it.
 * @param source must hold `target` grown by {@linkcode gaussianRadius}, as far as the picture goes
 * @param sigma standard deviation in pixels; zero or less copies
 * @param cut standard deviations at which the Gaussian ends
 */
export function blurWindow(
  source: PlaneWindow,
  sigma: number,
  target: Rectangle,
  cut: number,
): RealWindow {
  const taps = sigma > 0 ? gaussianTaps(sigma, cut) : Float32Array.of(1);
  const rows = blurRows(source, taps, target);
  const values = sigma > 0 ? blurColumns(rows, taps, target) : rows.values;
  const { pictureWidth, pictureHeight } = source;
  return { ...target, values, pictureWidth, pictureHeight };
}

/** The horizontal half: the rows of `target` and those above and below it that the vertical half needs. */
function blurRows(
  source: PlaneWindow,
  taps: Float32Array,
  target: Rectangle,
): RealWindow {
  const { pictureWidth, pictureHeight } = source;
  const { left, width } = target;
  const radius = (taps.length - 1) / 2;
  const top = Math.max(0, target.top - radius);
  const bottom = Math.min(pictureHeight, target.top + target.height + radius);
  const values = new Float32Array(width * (bottom - top));
  const line = new Float32Array(width + 2 * radius);
  const from = Math.max(0, left - radius);
  const to = Math.min(pictureWidth, left + width + radius);
  const before = from - (left - radius);
  const after = before + to - from;
  for (let y = top; y < bottom; y++) {
    const start = (y - source.top) * source.width - source.left;
    line.set(source.values.subarray(start + from, start + to), before);
    line.fill(line[before], 0, before);
    line.fill(line[after - 1], after);
    correlate(line, taps, values, (y - top) * width, width);
  }
  return {
    left,
    top,
    width,
    height: bottom - top,
    values,
    pictureWidth,
    pictureHeight,
  };
}

/** values[at + x] = Σₖ taps[k]·line[x + k], four sums at a time, each in the order of k. */
function correlate(
  line: Float32Array,
  taps: Float32Array,
  values: Float32Array,
  at: number,
  width: number,
) {
  let x = 0;
  for (; x + 3 < width; x += 4) {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let k = 0, from = x; k < taps.length; k++, from++) {
      const tap = taps[k];
      a += tap * line[from];
      b += tap * line[from + 1];
      c += tap * line[from + 2];
      d += tap * line[from + 3];
    }
    values[at + x] = a;
    values[at + x + 1] = b;
    values[at + x + 2] = c;
    values[at + x + 3] = d;
  }
  for (; x < width; x++) {
    let sum = 0;
    for (let k = 0; k < taps.length; k++) sum += taps[k] * line[x + k];
    values[at + x] = sum;
  }
}

/** The vertical half. Sums are rounded to 32 bits after every tap. */
function blurColumns(
  rows: RealWindow,
  taps: Float32Array,
  target: Rectangle,
): Float32Array {
  const { width, top } = target;
  const { values, pictureHeight } = rows;
  const radius = (taps.length - 1) / 2;
  const blurred = new Float32Array(width * target.height);
  const { fround } = Math;
  for (let y = 0; y < target.height; y++) {
    const into = blurred.subarray(y * width, (y + 1) * width);
    const row = (k: number) =>
      (Math.min(pictureHeight - 1, Math.max(0, top + y + k - radius)) -
        rows.top) * width;
    let k = 0;
    for (; k + 3 < taps.length; k += 4) {
      const a = row(k);
      const b = row(k + 1);
      const c = row(k + 2);
      const d = row(k + 3);
      const tapA = taps[k];
      const tapB = taps[k + 1];
      const tapC = taps[k + 2];
      const tapD = taps[k + 3];
      for (let x = 0; x < width; x++) {
        let sum = fround(into[x] + tapA * values[a + x]);
        sum = fround(sum + tapB * values[b + x]);
        sum = fround(sum + tapC * values[c + x]);
        into[x] = sum + tapD * values[d + x];
      }
    }
    for (; k < taps.length; k++) {
      const from = row(k);
      const tap = taps[k];
      for (let x = 0; x < width; x++) into[x] += tap * values[from + x];
    }
  }
  return blurred;
}
