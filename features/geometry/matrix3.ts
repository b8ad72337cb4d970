/** A 3×3 matrix as nine numbers, row by row. */
export type Matrix3 = Float64Array;

/** The determinant. */
export function determinant(m: Matrix3): number {
  return m[0] * (m[4] * m[8] - m[5] * m[7]) -
    m[1] * (m[3] * m[8] - m[5] * m[6]) + m[2] * (m[3] * m[7] - m[4] * m[6]);
}

/** The derivatives of the determinant by the entries: cofactors, the transposed adjugate. */
export function cofactors(m: Matrix3): Matrix3 {
  return Float64Array.of(
    m[4] * m[8] - m[5] * m[7],
    m[5] * m[6] - m[3] * m[8],
    m[3] * m[7] - m[4] * m[6],
    m[2] * m[7] - m[1] * m[8],
    m[0] * m[8] - m[2] * m[6],
    m[1] * m[6] - m[0] * m[7],
    m[1] * m[5] - m[2] * m[4],
    m[2] * m[3] - m[0] * m[5],
    m[0] * m[4] - m[1] * m[3],
  );
}

/** Sum of the products of corresponding entries. */
export function entryProduct(a: Matrix3, b: Matrix3): number {
  let sum = 0;
  for (let i = 0; i < 9; i++) sum += a[i] * b[i];
  return sum;
}

/** Rows and columns exchanged. */
export function transposed(m: Matrix3): Matrix3 {
  return Float64Array.of(m[0], m[3], m[6], m[1], m[4], m[7], m[2], m[5], m[8]);
}

/** The matrix over the root of the sum of its squared entries. */
export function unitLength(m: Matrix3): Matrix3 {
  const length = Math.sqrt(entryProduct(m, m));
  return m.map((entry) => entry / length);
}
