import assert from "node:assert/strict";
import { uniform } from "../../../data/random.ts";
import { type Tensor, tensorOf, zeros } from "../../reference/tensor.ts";

/** Reproducible values in [low, high) for a tensor of the given shape; `purpose` tells tensors apart. */
export function randomTensor(
  purpose: string,
  shape: number[],
  low = -1,
  high = 1,
): Tensor {
  const tensor = zeros(...shape);
  for (let at = 0; at < tensor.data.length; at++) {
    tensor.data[at] = low + (high - low) * uniform(29, purpose, at);
  }
  return tensor;
}

/** Σ output·probe: a scalar whose gradient with respect to the output is the probe. */
export function dot(output: Tensor, probe: Tensor): number {
  let sum = 0;
  for (let at = 0; at < output.data.length; at++) {
    sum += output.data[at] * probe.data[at];
  }
  return sum;
}

/**
 * Central differences (f(x + h) − f(x − h))/2h of a scalar function with respect to every entry of one of its
 * arguments, or to every `stride`-th when that is enough. The argument is changed in place and put back.
 */
function centralDifferences(
  evaluate: () => number,
  argument: Tensor,
  { step = 1e-5, stride = 1 }: { step?: number; stride?: number } = {},
): { index: number; derivative: number }[] {
  const differences: { index: number; derivative: number }[] = [];
  for (let index = 0; index < argument.data.length; index += stride) {
    const original = argument.data[index];
    argument.data[index] = original + step;
    const above = evaluate();
    argument.data[index] = original - step;
    const below = evaluate();
    argument.data[index] = original;
    differences.push({ index, derivative: (above - below) / (2 * step) });
  }
  return differences;
}

/**
 * Fails unless `gradient` agrees with central differences of `evaluate` with respect to `argument`: no entry may differ
 * by more than `tolerance` of the largest derivative. The message names the worst entry.
 */
export function checkGradient(
  what: string,
  evaluate: () => number,
  argument: Tensor,
  gradient: Tensor,
  options: { step?: number; stride?: number; tolerance?: number } = {},
): void {
  assert.deepEqual(
    gradient.shape,
    argument.shape,
    `shape of the gradient of ${what}`,
  );
  const differences = centralDifferences(evaluate, argument, options);
  const largest = Math.max(
    ...differences.map(({ derivative }) => Math.abs(derivative)),
  );
  assert.ok(largest > 1e-9, `${what}: the function does not depend on it`);
  let worst = { index: -1, error: -1, derivative: 0 };
  for (const { index, derivative } of differences) {
    const error = Math.abs(gradient.data[index] - derivative) / largest;
    if (!(error <= worst.error)) worst = { index, error, derivative };
  }
  assert.ok(
    worst.error <= (options.tolerance ?? 1e-6),
    `gradient of ${what}[${worst.index}] is ${gradient.data[worst.index]}, ` +
      `central differences say ${worst.derivative}: off by ${worst.error} of the largest`,
  );
}

/** Rows of unit length, as descriptors are. */
export function randomDescriptors(
  purpose: string,
  rows: number,
  dimension: number,
): Tensor {
  const tensor = randomTensor(purpose, [rows, dimension]);
  for (let row = 0; row < rows; row++) {
    const values = tensor.data.subarray(row * dimension, (row + 1) * dimension);
    const norm = Math.hypot(...values);
    for (let d = 0; d < dimension; d++) values[d] /= norm;
  }
  return tensorOf([rows, dimension], tensor.data);
}
