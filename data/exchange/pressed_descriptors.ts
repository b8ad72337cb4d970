/** Squared length of a row of bytes as COLMAP's SIFT matcher takes it: the angle of two is acos(dot / 512²). */
const squaredLength = 512 ** 2;

/**
 * Each value of a row of length 1 is told by this many steps. The smallest value of a row that is not cut is then
 * −(√(512²/128 − steps²/128))/steps, −0.17 at 240: two standard deviations of the values of 128.
 */
const steps = 240;

/** Rows of length 1 are so long at most: their values are rounded. */
const longestUnit = 1.001;

/**
 * Presses signed rows of length 1 into bytes that COLMAP's SIFT matcher can compare: `round(512·(c + s·v)/‖c + s·v‖)`, cut to 0 … 255,
 * with one c for every row such that rows of mean 0 keep their length. Angles shrink, nearly all by one factor, so that nearest
 * neighbours and ratios of distances stay nearly what they were. Longer rows, of networks that do not normalise, are brought to length 1
 * first: that matcher compares angles. Pressed by `(v + 1)·127.5`, all rows would be as good as one to it.
 *
 * @param rows f32 [count, dimension]
 * @returns u8 [count, dimension]
 */
export function pressDescriptors(
  rows: Float32Array,
  dimension: number,
): Uint8Array<ArrayBuffer> {
  const shift = Math.sqrt((squaredLength - steps ** 2) / dimension);
  const pressed = new Uint8Array(rows.length);
  for (let start = 0; start < rows.length; start += dimension) {
    const row = rows.subarray(start, start + dimension);
    const length = Math.hypot(...row);
    const rowSteps = length > longestUnit ? steps / length : steps;
    let sum = 0;
    for (let k = 0; k < dimension; k++) {
      const value = Math.max(0, shift + rowSteps * row[k]);
      sum += value * value;
    }
    const scale = Math.sqrt(squaredLength / sum);
    for (let k = 0; k < dimension; k++) {
      const value = Math.max(0, shift + rowSteps * row[k]);
      pressed[start + k] = Math.min(255, Math.round(scale * value));
    }
  }
  return pressed;
}
