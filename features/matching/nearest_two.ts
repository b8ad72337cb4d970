/** Right rows that stay in the nearest memory while all left rows pass: 32 KiB at dimension 128. */
const blockRows = 64;

/** The nearest and the second nearest of each row, by squared Euclidean distance. */
export class NearestTwo {
  /** [rows] number of the nearest; −1 where there is none */
  readonly index: Int32Array;
  /** [rows] its squared distance; Infinity where there is none */
  readonly first: Float64Array;
  /** [rows] the second nearest's squared distance; Infinity where there is none */
  readonly second: Float64Array;

  constructor(rows: number) {
    this.index = new Int32Array(rows).fill(-1);
    this.first = new Float64Array(rows).fill(Infinity);
    this.second = new Float64Array(rows).fill(Infinity);
  }

  /** Distance to the nearest over distance to the second nearest: 1 when both are 0, 0 without a second. */
  ratio(row: number): number {
    const second = this.second[row];
    return second === 0 ? 1 : Math.sqrt(this.first[row] / second);
  }

  /**
   * Compares every left row with every right row, once for both sides: this object is filled for the left rows and
   * `columns` for the right ones. Each distance is one float64 sum of squared differences in the order of the numbers, so
   * equal rows are equally far wherever they stand, and among those the lower number is kept.
   *
   * @param left [rows, dimension]
   * @param right [rows of `columns`, dimension]
   */
  search(
    left: Float32Array,
    right: Float32Array,
    dimension: number,
    columns: NearestTwo,
  ): void {
    const leftRows = this.index.length;
    const rightRows = columns.index.length;
    const distances = new Float64Array(2 * blockRows);
    for (let start = 0; start < rightRows; start += blockRows) {
      const count = Math.min(blockRows, rightRows - start);
      for (let row = 0; row < leftRows; row += 2) {
        const rows = Math.min(2, leftRows - row);
        twoRows(left, row, rows, right, start, count, dimension, distances);
        for (let i = 0; i < rows; i++) {
          for (let j = 0; j < count; j++) {
            const distance = distances[i * blockRows + j];
            this.offer(row + i, start + j, distance);
            columns.offer(start + j, row + i, distance);
          }
        }
      }
    }
  }

  /** Takes note of a candidate for a row and its squared distance; the candidates of a row come in rising order. */
  offer(row: number, candidate: number, distance: number): void {
    if (distance < this.first[row]) {
      this.second[row] = this.first[row];
      this.first[row] = distance;
      this.index[row] = candidate;
    } else if (distance < this.second[row]) {
      this.second[row] = distance;
    }
  }
}

/**
 * Squared distances of one or two left rows to `count` right rows, `out[i·blockRows + j]`. Four sums run side by side,
 * because one alone waits for its last addition; an odd last row is paired with itself.
 */
function twoRows(
  left: Float32Array,
  row: number,
  rows: number,
  right: Float32Array,
  start: number,
  count: number,
  dimension: number,
  out: Float64Array,
): void {
  const a0 = row * dimension;
  const a1 = (row + rows - 1) * dimension;
  for (let j = 0; j < count; j += 2) {
    const next = Math.min(j + 1, count - 1);
    const b0 = (start + j) * dimension;
    const b1 = (start + next) * dimension;
    let sum00 = 0, sum01 = 0, sum10 = 0, sum11 = 0;
    for (let k = 0; k < dimension; k++) {
      const x0 = left[a0 + k], x1 = left[a1 + k];
      const y0 = right[b0 + k], y1 = right[b1 + k];
      const d00 = x0 - y0, d01 = x0 - y1, d10 = x1 - y0, d11 = x1 - y1;
      sum00 += d00 * d00;
      sum01 += d01 * d01;
      sum10 += d10 * d10;
      sum11 += d11 * d11;
    }
    out[j] = sum00;
    out[next] = next === j ? sum00 : sum01;
    out[blockRows + j] = sum10;
    out[blockRows + next] = next === j ? sum10 : sum11;
  }
}
