import { quantile } from "../../../pipeline/evaluation/bootstrap.ts";

/** A figure with the 95 % interval of its bootstrap's replicates: "67.8 (64.3 … 71.5)". */
export function intervalText(
  value: number,
  replicates: readonly number[],
  digits: number,
): string {
  const sorted = Float64Array.from(replicates).sort();
  const [low, high] = [quantile(sorted, 0.025)!, quantile(sorted, 0.975)!];
  return `${value.toFixed(digits)} (${low.toFixed(digits)} … ${
    high.toFixed(digits)
  })`;
}
