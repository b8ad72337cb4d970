/**
 * A measure as a fraction, with the range it spans over all ways of breaking ties between equal distances.
 *
 * `value` follows the protocol's own order (a stable sort); `low` puts every tied non-match first, `high` every tied
 * match. Without ties that involve both kinds the three are equal.
 */
export interface Figure {
  value: number;
  low: number;
  high: number;
}

/**
 * Mean of figures: each of value, low and high on its own.
 *
 * @throws {RangeError} when there is none
 */
export function meanFigure(figures: readonly Figure[]): Figure {
  if (figures.length === 0) throw new RangeError("mean of no figures");
  let value = 0;
  let low = 0;
  let high = 0;
  for (const figure of figures) {
    value += figure.value;
    low += figure.low;
    high += figure.high;
  }
  const count = figures.length;
  return { value: value / count, low: low / count, high: high / count };
}
