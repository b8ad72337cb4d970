/** How descriptors are compared: Euclidean or city-block distance. */
export type Norm = "L2" | "L1";

/** Rows of descriptors, row-major [rows, dimension]. */
export interface DescriptorRows {
  values: Float32Array;
  dimension: number;
}

/**
 * Distances between two runs of rows: `out[i·bRows + j] = d(a[aStart+i], b[bStart+j])`, with
 * `d = Σ_k (a_k − b_k)²` for L2 (the *square*: the same order without a root) and `Σ_k |a_k − b_k|` for L1.
 *
 * Every distance is one float64 sum in the order of k, so equal rows give exactly equal distances wherever they stand.
 * This is the one place that computes distances of many rows by many; a kernel may take its place.
 *
 * @param out at least aRows × bRows
 */
export function distanceTile(
  a: DescriptorRows,
  aStart: number,
  aRows: number,
  b: DescriptorRows,
  bStart: number,
  bRows: number,
  norm: Norm,
  out: Float64Array,
): void {
  const fill = norm === "L2" ? squaredTile : cityBlockTile;
  const dimension = a.dimension;
  for (let i = 0; i < aRows; i += 2) {
    // An odd last row is paired with itself and written twice, which keeps the inner loop free of cases.
    const second = Math.min(i + 1, aRows - 1);
    fill(
      a.values,
      (aStart + i) * dimension,
      (aStart + second) * dimension,
      b.values,
      bStart * dimension,
      bRows,
      dimension,
      out,
      i * bRows,
      second * bRows,
    );
  }
}

function squaredTile(
  a: Float32Array,
  first: number,
  second: number,
  b: Float32Array,
  bOffset: number,
  bRows: number,
  dimension: number,
  out: Float64Array,
  outFirst: number,
  outSecond: number,
): void {
  for (let j = 0; j < bRows; j += 2) {
    const other = Math.min(j + 1, bRows - 1);
    const left = bOffset + j * dimension;
    const right = bOffset + other * dimension;
    let sum00 = 0, sum01 = 0, sum10 = 0, sum11 = 0;
    for (let k = 0; k < dimension; k++) {
      const a0 = a[first + k], a1 = a[second + k];
      const b0 = b[left + k], b1 = b[right + k];
      const d00 = a0 - b0, d01 = a0 - b1, d10 = a1 - b0, d11 = a1 - b1;
      sum00 += d00 * d00;
      sum01 += d01 * d01;
      sum10 += d10 * d10;
      sum11 += d11 * d11;
    }
    out[outFirst + j] = sum00;
    out[outFirst + other] = j === other ? sum00 : sum01;
    out[outSecond + j] = sum10;
    out[outSecond + other] = j === other ? sum10 : sum11;
  }
}

function cityBlockTile(
  a: Float32Array,
  first: number,
  second: number,
  b: Float32Array,
  bOffset: number,
  bRows: number,
  dimension: number,
  out: Float64Array,
  outFirst: number,
  outSecond: number,
): void {
  for (let j = 0; j < bRows; j++) {
    const row = bOffset + j * dimension;
    let sum0 = 0, sum1 = 0;
    for (let k = 0; k < dimension; k++) {
      const value = b[row + k];
      sum0 += Math.abs(a[first + k] - value);
      sum1 += Math.abs(a[second + k] - value);
    }
    out[outFirst + j] = sum0;
    out[outSecond + j] = sum1;
  }
}

/**
 * Distance of one row of `a` to one row of `b`, the same sum as {@linkcode distanceTile} (the square for L2).
 */
export function pairDistance(
  a: DescriptorRows,
  aRow: number,
  b: DescriptorRows,
  bRow: number,
  norm: Norm,
): number {
  const dimension = a.dimension;
  const left = a.values;
  const right = b.values;
  const aOffset = aRow * dimension;
  const bOffset = bRow * dimension;
  let sum = 0;
  if (norm === "L2") {
    for (let k = 0; k < dimension; k++) {
      const difference = left[aOffset + k] - right[bOffset + k];
      sum += difference * difference;
    }
  } else {
    for (let k = 0; k < dimension; k++) {
      sum += Math.abs(left[aOffset + k] - right[bOffset + k]);
    }
  }
  return sum;
}

/**
 * Distances of many pairs of rows of one table: `out[p] = d(rows[first[p]], rows[second[p]])`, each the same sum as
 * {@linkcode pairDistance}. Four sums run side by side, because one alone waits for its last addition and for memory.
 *
 * @param first [pairs]
 * @param second [pairs]
 * @param out [pairs]
 */
export function pairDistances(
  rows: DescriptorRows,
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  norm: Norm,
  out: Float64Array,
): void {
  const { values, dimension } = rows;
  const fill = norm === "L2" ? fourSquares : fourCityBlocks;
  const whole = out.length - out.length % 4;
  for (let pair = 0; pair < whole; pair += 4) {
    fill(values, dimension, first, second, pair, out);
  }
  for (let pair = whole; pair < out.length; pair++) {
    out[pair] = pairDistance(rows, first[pair], rows, second[pair], norm);
  }
}

function fourSquares(
  values: Float32Array,
  dimension: number,
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  pair: number,
  out: Float64Array,
): void {
  const a0 = first[pair] * dimension, b0 = second[pair] * dimension;
  const a1 = first[pair + 1] * dimension, b1 = second[pair + 1] * dimension;
  const a2 = first[pair + 2] * dimension, b2 = second[pair + 2] * dimension;
  const a3 = first[pair + 3] * dimension, b3 = second[pair + 3] * dimension;
  let sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
  for (let k = 0; k < dimension; k++) {
    const d0 = values[a0 + k] - values[b0 + k];
    const d1 = values[a1 + k] - values[b1 + k];
    const d2 = values[a2 + k] - values[b2 + k];
    const d3 = values[a3 + k] - values[b3 + k];
    sum0 += d0 * d0;
    sum1 += d1 * d1;
    sum2 += d2 * d2;
    sum3 += d3 * d3;
  }
  out[pair] = sum0;
  out[pair + 1] = sum1;
  out[pair + 2] = sum2;
  out[pair + 3] = sum3;
}

function fourCityBlocks(
  values: Float32Array,
  dimension: number,
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  pair: number,
  out: Float64Array,
): void {
  const a0 = first[pair] * dimension, b0 = second[pair] * dimension;
  const a1 = first[pair + 1] * dimension, b1 = second[pair + 1] * dimension;
  const a2 = first[pair + 2] * dimension, b2 = second[pair + 2] * dimension;
  const a3 = first[pair + 3] * dimension, b3 = second[pair + 3] * dimension;
  let sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
  for (let k = 0; k < dimension; k++) {
    sum0 += Math.abs(values[a0 + k] - values[b0 + k]);
    sum1 += Math.abs(values[a1 + k] - values[b1 + k]);
    sum2 += Math.abs(values[a2 + k] - values[b2 + k]);
    sum3 += Math.abs(values[a3 + k] - values[b3 + k]);
  }
  out[pair] = sum0;
  out[pair + 1] = sum1;
  out[pair + 2] = sum2;
  out[pair + 3] = sum3;
}
