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
