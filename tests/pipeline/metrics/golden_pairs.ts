/** Pair lists with the figures that tests/golden/make_evaluation_golden.py computed for them. */
export interface GoldenPairs {
  distances: Float64Array;
  labels: Uint8Array;
  fpr95: number;
  stepAp: number;
  trapezoidAp: number;
  /** with seven matches more than the list holds */
  trapezoidApOfMore: number;
  rocArea: number;
}

const path = new URL("../../golden/evaluation/pairs.json", import.meta.url);

/** All golden pair lists: without ties, with many, an unbalanced one, one of two pairs. */
export function goldenPairs(): GoldenPairs[] {
  const cases = JSON.parse(Deno.readTextFileSync(path));
  return cases.map((
    entry: GoldenPairs & { distances: number[]; labels: number[] },
  ) => ({
    ...entry,
    distances: Float64Array.from(entry.distances),
    labels: Uint8Array.from(entry.labels),
  }));
}
