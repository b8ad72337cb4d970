import {
  randomBits4,
  randomPurpose,
  type RandomStream,
  randomStream,
  randomUnit,
} from "../random_bits.ts";
import { type Architecture, descriptorSize } from "./architecture.ts";
import { statisticsNames } from "./network_state.ts";
import { parameterTable } from "./parameter_table.ts";

const gain = 0.6;
const initialBias = 0.01;

/**
 * An untrained network as a pure function of the seed: conv weights 0.6 · orthogonal, conv biases 0.01, FRN γ = 1 and
 * β = 0, TLU τ = −1, running mean 0 and variance 1.
 *
 * A weight [K, C, k, k] is orthogonal as the matrix [K, C·k·k]: its rows, or its columns where there are fewer, are
 * orthonormal. Source: the authors' `weights_init` (orthogonal, gain 0.6, bias 0.01).
 */
export function initialWeights(
  architecture: Architecture,
  seed: number,
): Map<string, { shape: readonly number[]; data: Float32Array }> {
  const state = new Map<
    string,
    { shape: readonly number[]; data: Float32Array }
  >();
  let index = 0;
  const { entries } = parameterTable(architecture);
  for (const [name, { shape, size }] of entries) {
    let data: Float32Array;
    if (shape.length === 4 && shape[0] > 1) {
      const stream = randomStream(seed, randomPurpose.initialWeights, index);
      data = orthogonal(shape[0], size / shape[0], stream);
    } else if (name.endsWith(".tau")) {
      data = new Float32Array(size).fill(-1);
    } else if (name.endsWith(".weight")) {
      data = new Float32Array(size).fill(1);
    } else {
      data = new Float32Array(size).fill(shape.length === 1 ? initialBias : 0);
    }
    state.set(name, { shape, data });
    index++;
  }
  for (const [value, name] of statisticsNames(architecture).entries()) {
    const data = new Float32Array(descriptorSize).fill(value);
    state.set(name, { shape: [descriptorSize], data });
  }
  return state;
}

/** gain · a [rows, columns] matrix whose rows (or columns, where fewer) are orthonormal, by Gram–Schmidt done twice. */
function orthogonal(
  rows: number,
  columns: number,
  stream: RandomStream,
): Float32Array {
  const count = Math.min(rows, columns);
  const length = Math.max(rows, columns);
  const vectors: Float64Array[] = [];
  for (let v = 0; v < count; v++) {
    const vector = normalNumbers(length, stream, v * length);
    for (let pass = 0; pass < 2; pass++) {
      for (const earlier of vectors) {
        let along = 0;
        for (let i = 0; i < length; i++) along += vector[i] * earlier[i];
        for (let i = 0; i < length; i++) vector[i] -= along * earlier[i];
      }
    }
    let square = 0;
    for (let i = 0; i < length; i++) square += vector[i] * vector[i];
    const scale = 1 / Math.sqrt(square);
    for (let i = 0; i < length; i++) vector[i] *= scale;
    vectors.push(vector);
  }
  const matrix = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = rows <= columns
        ? vectors[row][column]
        : vectors[column][row];
      matrix[row * columns + column] = gain * value;
    }
  }
  return matrix;
}

/** Standard normal numbers by Box–Muller, `first` … `first + count − 1` of the stream. */
function normalNumbers(
  count: number,
  stream: RandomStream,
  first: number,
): Float64Array {
  const numbers = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const [a, b] = randomBits4(stream, first + i);
    const radius = Math.sqrt(-2 * Math.log(1 - randomUnit(a)));
    numbers[i] = radius * Math.cos(2 * Math.PI * randomUnit(b));
  }
  return numbers;
}
