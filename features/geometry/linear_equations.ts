import { EigenvalueDecomposition, LuDecomposition, Matrix } from "ml-matrix";

const unknowns = 9;

/**
 * Vectors that span what fewer than nine equations in nine unknowns leave free (elimination with complete pivoting).
 *
 * @param equations [rows, 9], overwritten
 * @returns 9 − rows vectors; undefined when the equations depend on each other
 */
export function nullSpace(equations: Float64Array): Float64Array[] | undefined {
  const rows = equations.length / unknowns;
  const order = Uint8Array.from({ length: unknowns }, (_, column) => column);
  const largest = equations.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const at = (row: number, column: number) => row * unknowns + order[column];
  for (let step = 0; step < rows; step++) {
    let pivotRow = step, pivotColumn = step, size = -1;
    for (let row = step; row < rows; row++) {
      for (let column = step; column < unknowns; column++) {
        const candidate = Math.abs(equations[at(row, column)]);
        if (candidate > size) {
          [pivotRow, pivotColumn, size] = [row, column, candidate];
        }
      }
    }
    if (!(size > 1e-10 * largest)) return undefined;
    const held = order[step];
    order[step] = order[pivotColumn];
    order[pivotColumn] = held;
    for (let k = 0; k < unknowns; k++) {
      const here = step * unknowns + k, there = pivotRow * unknowns + k;
      const kept = equations[here];
      equations[here] = equations[there];
      equations[there] = kept;
    }
    const pivot = equations[at(step, step)];
    for (let row = 0; row < rows; row++) {
      if (row === step) continue;
      const factor = equations[at(row, step)] / pivot;
      for (let column = step; column < unknowns; column++) {
        equations[at(row, column)] -= factor * equations[at(step, column)];
      }
    }
  }
  return Array.from({ length: unknowns - rows }, (_, free) => {
    const vector = new Float64Array(unknowns);
    vector[order[rows + free]] = 1;
    for (let row = 0; row < rows; row++) {
      vector[order[row]] = -equations[at(row, rows + free)] /
        equations[at(row, row)];
    }
    return vector;
  });
}

/** Homogeneous equations in nine unknowns, as the sum of their squares. */
export class LeastSquares {
  readonly #squares = new Float64Array(unknowns * unknowns);

  /** Adds `weight · (equation · unknowns)²`. */
  add(equation: ArrayLike<number>, weight: number): void {
    for (let row = 0; row < unknowns; row++) {
      const factor = weight * equation[row];
      for (let column = row; column < unknowns; column++) {
        this.#squares[row * unknowns + column] += factor * equation[column];
      }
    }
  }

  /** The unit vector for which the sum is smallest; undefined when the equations leave more than one free. */
  solve(): Float64Array | undefined {
    const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
      this.#matrix(),
      { assumeSymmetric: true },
    );
    // In rising order.
    if (!(realEigenvalues[1] > 1e-13 * realEigenvalues[unknowns - 1])) {
      return undefined;
    }
    return Float64Array.from(eigenvectorMatrix.getColumn(0));
  }

  /**
   * The vector for which the sum is smallest among those that differ from `start` only at right angles to some directions
   * (Lagrange's multipliers); undefined when the equations leave one free.
   */
  solveNear(
    start: Float64Array,
    directions: readonly Float64Array[],
  ): Float64Array | undefined {
    const squares = this.#matrix();
    const size = unknowns + directions.length;
    const system = Matrix.zeros(size, size);
    system.setSubMatrix(squares, 0, 0);
    directions.forEach((direction, i) => {
      direction.forEach((value, k) => {
        system.set(unknowns + i, k, value).set(k, unknowns + i, value);
      });
    });
    const right = Matrix.zeros(size, 1);
    right.setSubMatrix(squares.mmul(Matrix.columnVector(start)).neg(), 0, 0);
    const decomposition = new LuDecomposition(system);
    if (decomposition.isSingular()) return undefined;
    const step = decomposition.solve(right);
    return start.map((value, k) => value + step.get(k, 0));
  }

  #matrix(): Matrix {
    const matrix = new Matrix(unknowns, unknowns);
    for (let row = 0; row < unknowns; row++) {
      for (let column = row; column < unknowns; column++) {
        const value = this.#squares[row * unknowns + column];
        matrix.set(row, column, value).set(column, row, value);
      }
    }
    return matrix;
  }
}
