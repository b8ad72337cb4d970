import { RandomStream } from "../../../data/random.ts";
import type { RowNorm } from "../../../gpu/rows/row_values.ts";

/** Rows [count, dimension], uniform in ±scale. */
export function randomRows(
  seed: number,
  count: number,
  dimension: number,
  scale: number,
): Float32Array {
  const stream = new RandomStream(seed, "rows");
  return Float32Array.from(
    { length: count * dimension },
    () => stream.uniform(-scale, scale),
  );
}

/** The score of a pair in float64: ½‖y‖² − ⟨x, y⟩, or the city-block distance. */
export function exactScore(
  x: Float32Array,
  row: number,
  y: Float32Array,
  column: number,
  dimension: number,
  norm: RowNorm,
): number {
  let score = 0;
  for (let k = 0; k < dimension; k++) {
    const a = x[row * dimension + k];
    const b = y[column * dimension + k];
    score += norm === "L2" ? b * b / 2 - a * b : Math.abs(a - b);
  }
  return score;
}
