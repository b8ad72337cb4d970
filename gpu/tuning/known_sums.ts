/** Results that are looked at: some thousand of a layer's, a prime apart, so that all places of a tile are among them. */
export const placesApart = 997;

/** Largest error beside the largest sum: what the kernels' tests allow against their twins in 64 bits. */
const tolerance = 1e-5;

/**
 * Whether results are the sums that they should be: every 997th of `count` is within 1e-5 of the largest of what 64 bits give,
 * which rounding stays far below and one term too few or too many does not.
 *
 * @param apart in place of 997
 */
export function areSums(
  count: number,
  resultAt: (place: number) => number,
  sumAt: (place: number) => number,
  apart = placesApart,
): boolean {
  let [largest, worst] = [0, 0];
  for (let place = 0; place < count; place += apart) {
    const sum = sumAt(place);
    const error = Math.abs(resultAt(place) - sum);
    if (!Number.isFinite(error)) return false;
    largest = Math.max(largest, Math.abs(sum));
    worst = Math.max(worst, error);
  }
  return worst <= tolerance * largest;
}
