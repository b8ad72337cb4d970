/**
 * Numbers as people type them: decimal, without the other forms that JavaScript reads, where `0x10` is sixteen and nothing is 0.
 *
 * @module
 */

/** `12` as a number; NaN for any other text, a sign included, and for what is too large to be counted exactly. */
export function wholeNumberFrom(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(value) ? value : NaN;
}

/** `0.85`, `.85`, `3` or `1e-3` as a number; NaN for any other text, a sign included. */
export function realNumberFrom(text: string): number {
  return /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
}
