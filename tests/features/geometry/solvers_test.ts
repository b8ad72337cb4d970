import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { RandomStream } from "../../../data/random.ts";
import { realCubicRoots } from "../../../features/geometry/cubic.ts";
import {
  LeastSquares,
  nullSpace,
} from "../../../features/geometry/linear_equations.ts";
import { log10FalseAlarms } from "../../../features/geometry/significance.ts";

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i], 0);

describe("realCubicRoots", () => {
  it("finds the roots that a polynomial is made of", () => {
    for (let turn = 0; turn < 200; turn++) {
      const stream = new RandomStream(1, "cubic", turn);
      const [a, p, q, r] = Array.from({ length: 4 }, () => stream.normal());
      const wanted = [p, q, r].sort((x, y) => x - y);
      const roots = realCubicRoots(
        a,
        -a * (p + q + r),
        a * (p * q + q * r + r * p),
        -a * p * q * r,
      ).sort((x, y) => x - y);
      assert.equal(roots.length, 3);
      roots.forEach((root, i) =>
        assert.ok(Math.abs(root - wanted[i]) < 1e-5, `${roots} ${wanted}`)
      );
    }
  });

  it("finds one root beside complex ones, and those of lower degrees", () => {
    // (x − 2)·(x² + 1)
    assert.deepEqual(realCubicRoots(1, -2, 1, -2).map(Math.round), [2]);
    assert.deepEqual(realCubicRoots(1, 0, 0, 0), [0]);
    assert.deepEqual(realCubicRoots(0, 1, -3, 2).sort(), [1, 2]);
    assert.deepEqual(realCubicRoots(0, 1, 0, 0), [0]);
    assert.deepEqual(realCubicRoots(0, 1, 0, 1), []);
    assert.deepEqual(realCubicRoots(0, 0, 2, -4), [2]);
    assert.deepEqual(realCubicRoots(0, 0, 0, 1), []);
  });
});

describe("nullSpace", () => {
  it("spans what all equations leave free", () => {
    for (let rows = 1; rows < 9; rows++) {
      const stream = new RandomStream(2, "null", rows);
      const equations = Float64Array.from(
        { length: rows * 9 },
        () => stream.normal(),
      );
      const vectors = nullSpace(equations.slice())!;
      assert.equal(vectors.length, 9 - rows);
      for (const vector of vectors) {
        assert.ok(Math.hypot(...vector) >= 1);
        for (let row = 0; row < rows; row++) {
          const equation = equations.subarray(row * 9, row * 9 + 9);
          assert.ok(Math.abs(dot(equation, vector)) < 1e-9);
        }
      }
    }
  });

  it("refuses equations that depend on each other", () => {
    const equations = new Float64Array(18).fill(1);
    assert.equal(nullSpace(equations), undefined);
    assert.equal(nullSpace(new Float64Array(9)), undefined);
  });
});

describe("LeastSquares", () => {
  const stream = new RandomStream(3, "least squares");
  const truth = Float64Array.from({ length: 9 }, () => stream.normal());
  const equations = Array.from({ length: 20 }, () => {
    const equation = Float64Array.from({ length: 9 }, () => stream.normal());
    const along = dot(equation, truth) / dot(truth, truth);
    return equation.map((value, k) => value - along * truth[k]);
  });

  it("finds the direction that fulfils all equations", () => {
    const squares = new LeastSquares();
    for (const equation of equations) squares.add(equation, 2);
    const solution = squares.solve()!;
    const cosine = dot(solution, truth) / Math.sqrt(dot(truth, truth));
    assert.ok(Math.abs(Math.abs(cosine) - 1) < 1e-12);
  });

  it("stays at right angles to directions around a start", () => {
    const squares = new LeastSquares();
    for (const equation of equations) squares.add(equation, 1);
    const start = truth.map((value, k) => value + (k === 4 ? 0.1 : 0));
    const length = Math.hypot(...start);
    const direction = start.map((value) => value / length);
    const solution = squares.solveNear(start, [direction])!;
    assert.ok(Math.abs(dot(solution, direction) - length) < 1e-12);
    const cosine = dot(solution, truth) /
      Math.sqrt(dot(truth, truth) * dot(solution, solution));
    assert.ok(Math.abs(cosine - 1) < 1e-12);
  });

  it("has no solution where equations leave more than one free", () => {
    const squares = new LeastSquares();
    for (const equation of equations.slice(0, 5)) squares.add(equation, 1);
    assert.equal(squares.solve(), undefined);
  });
});

describe("log10FalseAlarms", () => {
  it("is the logarithm of M·(n − m)·C(n, k)·C(k, m)·p^(k − m)", () => {
    // 3·(10 − 2)·C(10, 4)·C(4, 2)·0.01²
    const wanted = Math.log10(3 * 8 * 210 * 6 * 1e-4);
    assert.ok(Math.abs(log10FalseAlarms(10, 4, 2, 3, 0.01) - wanted) < 1e-12);
    assert.equal(log10FalseAlarms(10, 2, 2, 1, 0.01), Infinity);
  });
});
