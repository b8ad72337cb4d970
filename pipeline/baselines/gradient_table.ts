/** Largest difference of two bytes. */
const largestDifference = 255;

/** Magnitude and orientation of every gradient that differences of bytes can have. */
export interface GradientTable {
  /** by `zero + dy · span + dx` */
  magnitude: Float32Array;
  /** in bins, [0, bins): 0 = to the right, growing from x towards y */
  orientation: Float32Array;
  span: number;
  zero: number;
}

const tables = new Map<number, GradientTable>();

/** The table for a number of orientation bins; made once, 2 MiB. */
export function gradientTable(bins: number): GradientTable {
  const known = tables.get(bins);
  if (known !== undefined) return known;
  const span = 2 * largestDifference + 1;
  const magnitude = new Float32Array(span * span);
  const orientation = new Float32Array(span * span);
  for (let dy = -largestDifference; dy <= largestDifference; dy++) {
    for (let dx = -largestDifference; dx <= largestDifference; dx++) {
      const at = (dy + largestDifference) * span + dx + largestDifference;
      magnitude[at] = Math.hypot(dx, dy);
      const turn = Math.atan2(dy, dx) / (2 * Math.PI);
      orientation[at] = (turn < 0 ? turn + 1 : turn) * bins;
    }
  }
  const zero = largestDifference * span + largestDifference;
  const table = { magnitude, orientation, span, zero };
  tables.set(bins, table);
  return table;
}
