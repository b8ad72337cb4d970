/**
 * Decimal logarithm of how many models as well supported are expected among pairs that have nothing to do with each
 * other (Moisan and Stival 2004): `M·(n − m)·C(n, k)·C(k, m)·p^(k − m)`. Far below 0 the support is no accident.
 *
 * @param pairs n, all pairs
 * @param inliers k, those of the model
 * @param sampleSize m, how many of them determine models
 * @param modelsPerSample M, how many models
 * @param chance p, probability that an unrelated pair is an inlier
 */
export function log10FalseAlarms(
  pairs: number,
  inliers: number,
  sampleSize: number,
  modelsPerSample: number,
  chance: number,
): number {
  if (inliers <= sampleSize) return Infinity;
  return Math.log10(modelsPerSample * (pairs - sampleSize)) +
    log10Choose(pairs, inliers) + log10Choose(inliers, sampleSize) +
    (inliers - sampleSize) * Math.log10(chance);
}

/** Support that chance gives less than once in 10,000 photograph pairs counts as a model. */
export const acceptedLog10FalseAlarms = -4;

function log10Choose(n: number, k: number): number {
  let sum = 0;
  for (let i = 1; i <= Math.min(k, n - k); i++) {
    sum += Math.log10((n - i + 1) / i);
  }
  return sum;
}
