/** The lower median: of an even number of values the smaller of the two middle ones, as torch.median. */
export function lowerMedian(values: ArrayLike<number>): number {
  const sorted = Array.from(values).sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}
