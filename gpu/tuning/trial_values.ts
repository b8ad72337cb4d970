import { randomBits, randomUnit } from "../random_bits.ts";

/** What every tensor of a kernel on trial is filled with, over and over: values in [−1, 1), the same on every adapter. */
export const trialValues: Float32Array<ArrayBuffer> = Float32Array.from(
  { length: 1 << 16 },
  (_, index) => 2 * randomUnit(randomBits({ a: 7, b: 11, c: 13 }, index)) - 1,
);
