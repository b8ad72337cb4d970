import { areSums } from "./known_sums.ts";
import { trialValue } from "./trial_values.ts";

/**
 * Whether `result` holds Σ a·b of tensors that are filled with `trialValues`, as {@linkcode areSums} looks at it.
 *
 * @param factors places of a and of b in their tensors, for a place of the result and the number of a term
 */
export function isProduct(
  result: Float32Array,
  terms: number,
  factors: (at: number, term: number) => readonly [number, number],
): boolean {
  return areSums(result.length, (at) => result[at], (at) => {
    let sum = 0;
    for (let term = 0; term < terms; term++) {
      const [a, b] = factors(at, term);
      sum += trialValue(a) * trialValue(b);
    }
    return sum;
  });
}
