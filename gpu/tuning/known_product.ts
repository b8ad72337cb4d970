import { placesApart, rounding } from "./known_convolution.ts";
import { trialValues } from "./trial_values.ts";

/**
 * Whether `result` holds sums of products of tensors that are filled with {@linkcode trialValues}: every 997th value within what
 * rounding allows of Σ a·b in 64 bits, (number of terms + 1) · 2⁻²⁴ · Σ |a·b|, twice that where products are rounded too.
 *
 * @param factors places of a and of b in their tensors, for a place of the result and the number of a term
 */
export function isProduct(
  result: Float32Array,
  terms: number,
  factors: (at: number, term: number) => readonly [number, number],
): boolean {
  const value = (at: number) => trialValues[at % trialValues.length];
  for (let at = 0; at < result.length; at += placesApart) {
    let sum = 0;
    let magnitude = 0;
    for (let term = 0; term < terms; term++) {
      const [a, b] = factors(at, term);
      const product = value(a) * value(b);
      sum += product;
      magnitude += Math.abs(product);
    }
    const bound = 2 * (terms + 1) * rounding * magnitude;
    if (!(Math.abs(result[at] - sum) <= bound)) return false;
  }
  return true;
}
