import { EigenvalueDecomposition, LuDecomposition, Matrix } from "ml-matrix";
import { nullSpace } from "./linear_equations.ts";
import { type Matrix3, unitLength } from "./matrix3.ts";

/** Exponents of x, y, z: the monomials of degree 3, then those of degree 2, 1 and 0. */
const monomials = [3, 2, 1, 0].flatMap((degree) =>
  steps(degree).flatMap((x) =>
    steps(degree - x).map((y) => [x, y, degree - x - y] as const)
  )
);
const cubicCount = 10;
const lowerCount = monomials.length - cubicCount;

/** degree, degree − 1 … 0 */
function steps(degree: number): number[] {
  return Array.from({ length: degree + 1 }, (_, at) => degree - at);
}

/** Number of the product of two monomials. */
const productOf = monomials.map((a) =>
  monomials.map((b) =>
    monomials.findIndex((c) => c.every((power, i) => power === a[i] + b[i]))
  )
);

/** A polynomial in x, y, z of degree 3 or less: the coefficients of {@linkcode monomials}. */
type Polynomial = Float64Array;

function multiply(a: Polynomial, b: Polynomial): Polynomial {
  const product = new Float64Array(monomials.length);
  for (let i = 0; i < a.length; i++) {
    if (a[i] === 0) continue;
    for (let k = 0; k < b.length; k++) {
      if (b[k] !== 0) product[productOf[i][k]] += a[i] * b[k];
    }
  }
  return product;
}

function sum(...terms: Polynomial[]): Polynomial {
  return terms.reduce((a, b) => a.map((value, at) => value + b[at]));
}

function scaled(a: Polynomial, factor: number): Polynomial {
  return a.map((value) => value * factor);
}

/**
 * The essential matrices E, right·E·left = 0, through five pairs of viewing directions: of the four-dimensional space of matrices
 * that the pairs leave free those with det E = 0 and E·Eᵀ·E = ½·trace(E·Eᵀ)·E, ten cubic equations in three unknowns whose
 * solutions are eigenvectors (Stewénius, Engels and Nistér 2006).
 *
 * @param left [5, 3]
 * @param right [5, 3]
 * @returns up to ten, of length 1; none when the pairs do not determine finitely many
 */
export function essentialMatrices(
  left: Float64Array,
  right: Float64Array,
): Matrix3[] {
  const equations = new Float64Array(5 * 9);
  for (let i = 0; i < 5; i++) {
    for (let k = 0; k < 9; k++) {
      equations[9 * i + k] = right[3 * i + Math.floor(k / 3)] *
        left[3 * i + k % 3];
    }
  }
  const span = nullSpace(equations)?.map(unitLength);
  if (span === undefined) return [];
  const coefficients = constraints(span);
  const cubics = coefficients.subMatrix(0, 9, 0, cubicCount - 1);
  const others = coefficients.subMatrix(0, 9, cubicCount, monomials.length - 1);
  const decomposition = new LuDecomposition(cubics);
  if (decomposition.isSingular()) return [];
  // Each cubic monomial as a polynomial of degree 2.
  const reduced = decomposition.solve(others).neg();
  // What multiplication by x makes of the lower monomials, in terms of themselves.
  const x = monomials.findIndex(([a, b, c]) => a === 1 && b + c === 0);
  const action = Matrix.zeros(lowerCount, lowerCount);
  for (let row = 0; row < lowerCount; row++) {
    const product = productOf[x][cubicCount + row];
    if (product < cubicCount) {
      action.setRow(row, reduced.getRow(product));
    } else action.set(row, product - cubicCount, 1);
  }
  const { realEigenvalues, imaginaryEigenvalues, eigenvectorMatrix } =
    new EigenvalueDecomposition(action);
  const found: Matrix3[] = [];
  realEigenvalues.forEach((_, column) => {
    if (imaginaryEigenvalues[column] !== 0) return;
    // The last four monomials are x, y, z and 1.
    const weights = [4, 3, 2, 1].map((fromEnd) =>
      eigenvectorMatrix.get(lowerCount - fromEnd, column)
    );
    const matrix = unitLength(
      span[0].map((_, k) =>
        weights.reduce((total, weight, i) => total + weight * span[i][k], 0)
      ),
    );
    if (matrix.every(Number.isFinite)) found.push(matrix);
  });
  return found;
}

/** [10, 20] coefficients of the cubic equations that make x·span₀ + y·span₁ + z·span₂ + span₃ an essential matrix. */
function constraints(span: readonly Matrix3[]): Matrix {
  const e = Array.from({ length: 9 }, (_, k) => {
    const entry = new Float64Array(monomials.length);
    span.forEach((matrix, i) => {
      entry[monomials.length - 4 + i] = matrix[k];
    });
    return entry;
  });
  const minor = (a: number, b: number, c: number, d: number) =>
    sum(multiply(e[a], e[b]), scaled(multiply(e[c], e[d]), -1));
  const determinant = sum(
    multiply(minor(4, 8, 5, 7), e[0]),
    multiply(minor(5, 6, 3, 8), e[1]),
    multiply(minor(3, 7, 4, 6), e[2]),
  );
  const three = [0, 1, 2];
  // E·Eᵀ − ½·trace(E·Eᵀ)
  const squares = three.map((i) =>
    three.map((k) =>
      sum(...three.map((m) => multiply(e[3 * i + m], e[3 * k + m])))
    )
  );
  const half = scaled(sum(...three.map((i) => squares[i][i])), -0.5);
  const shifted = squares.map((row, i) =>
    row.map((entry, k) => i === k ? sum(entry, half) : entry)
  );
  const rows = three.flatMap((i) =>
    three.map((k) =>
      sum(...three.map((m) => multiply(shifted[i][m], e[3 * m + k])))
    )
  );
  return new Matrix([determinant, ...rows].map((row) => Array.from(row)));
}
