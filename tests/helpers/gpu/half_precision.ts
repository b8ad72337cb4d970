import assert from "node:assert/strict";
import { describe } from "@std/testing/bdd";
import { openGpu } from "../../../gpu/device.ts";
import type { Arena, Tensor as GpuTensor } from "../../../gpu/tensor.ts";
import type { Tensor } from "../../reference/tensor.ts";
import { activationShape, toActivations } from "./activation_layout.ts";
import { randomTensor } from "./gradient_check.ts";
import { hasHalves } from "./runtime.ts";

/** The largest number of 16 bits. */
export const largestHalf = 65504;

/** Half a unit in the last of a half's eleven significant bits, of a number of size 1: what rounding to nearest errs by. */
export const halfRounding = 2 ** -11;

async function adapterHasHalves(): Promise<boolean> {
  using gpu = await openGpu();
  return gpu.device.features.has("shader-f16");
}

/** Tests that only run where the adapter stores 16 bits, and the runtime reads them. */
export const describeHalves = hasHalves && await adapterHasHalves()
  ? describe
  : describe.skip;

/** Values that 16 bits and the float64 twin hold exactly. */
export function halfTensor(
  purpose: string,
  shape: number[],
  low = -1,
  high = 1,
): Tensor {
  const tensor = randomTensor(purpose, shape, low, high);
  tensor.data.set(Float16Array.from(tensor.data));
  return tensor;
}

/** The twin's [N, C, H, W] as an activation in 16 bits. */
export function halfActivation(
  arena: Arena,
  tensor: Tensor,
  border = 0,
): GpuTensor {
  const values = Float16Array.from(toActivations(tensor, border));
  const shape = activationShape(tensor.shape, border);
  return arena.tensorOf("activation", shape, values);
}

/** An activation in 16 bits for the twin's [N, C, H, W], all zeros. */
export function emptyHalfActivation(
  arena: Arena,
  shape: readonly number[],
  border = 0,
): GpuTensor {
  const type = { type: "f16" } as const;
  return arena.tensor("activation", activationShape(shape, border), type);
}

/**
 * Fails unless every entry is the expected one as a kernel stores it: off by one rounding, for which WGSL lets an adapter take
 * either neighbour, and by what the sum before it may be off, 1e-5 of the largest.
 */
export function assertStoredInHalves(
  what: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
): void {
  assert.equal(actual.length, expected.length, `size of ${what}`);
  let largest = 0;
  for (let at = 0; at < expected.length; at++) {
    largest = Math.max(largest, Math.abs(expected[at]));
  }
  assert.ok(largest > 0, `${what} is expected to be zero everywhere`);
  let rounded = 0;
  for (let at = 0; at < expected.length; at++) {
    const error = Math.abs(actual[at] - expected[at]);
    const bound = 2 * halfRounding * Math.abs(expected[at]) + 1e-5 * largest;
    assert.ok(
      error <= bound,
      `${what}[${at}] is ${actual[at]}, the twin has ${expected[at]}`,
    );
    if (actual[at] === Math.f16round(actual[at])) rounded++;
  }
  assert.equal(
    rounded,
    expected.length,
    `entries of ${what} that 16 bits hold`,
  );
}
