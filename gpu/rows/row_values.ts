/** How rows are compared: by the square of the Euclidean or by the city-block distance. */
export type RowNorm = "L2" | "L1";

/** Rows of `dimension` values with zeros up to `components`. */
export function padRows(
  values: Float32Array,
  dimension: number,
  components: number,
): Float32Array {
  if (dimension === components) return values;
  const count = values.length / dimension;
  const padded = new Float32Array(count * components);
  for (let row = 0; row < count; row++) {
    padded.set(
      values.subarray(row * dimension, (row + 1) * dimension),
      row * components,
    );
  }
  return padded;
}

/** Euclidean or city-block norm of one of the rows, in float64. */
export function rowNorm(
  values: Float32Array,
  row: number,
  dimension: number,
  norm: RowNorm,
): number {
  const end = (row + 1) * dimension;
  let sum = 0;
  if (norm === "L1") {
    for (let at = end - dimension; at < end; at++) sum += Math.abs(values[at]);
    return sum;
  }
  for (let at = end - dimension; at < end; at++) sum += values[at] * values[at];
  return Math.sqrt(sum);
}
