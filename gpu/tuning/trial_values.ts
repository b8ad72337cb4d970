import { randomBits, randomUnit } from "../random_bits.ts";

/** How many values there are: a prime, so that no extent of a tensor is a multiple of it, and rows and channels all differ. */
const count = 65521;

/** What every tensor of a kernel on trial is filled with, over and over: values in [−1, 1), the same on every adapter. */
export const trialValues: Float32Array<ArrayBuffer> = Float32Array.from(
  { length: count },
  (_, index) => 2 * randomUnit(randomBits({ a: 7, b: 11, c: 13 }, index)) - 1,
);

/** The value at a place of such a tensor. */
export function trialValue(place: number): number {
  return trialValues[place % count];
}
