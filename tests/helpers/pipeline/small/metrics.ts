/** Metrics of a training stage that never was. */
import { MetricsFile } from "../../../../pipeline/training/metrics.ts";

/** Figures of a step that are all different. */
export const statistics = {
  loss: 2.5,
  meanPositive: 0.4,
  meanNegative: 0.9,
  zeroPosition: 1.3,
  zeroWeightShare: 0.25,
  medianPositive: 0.4,
  medianNegative: 0.8,
  levelHistogram: [1, 2],
  weightHistogram: [3],
  pairCount: 3,
};

/**
 * Goes on after step `from` and writes steps up to `to`, with histograms and a test at every second.
 *
 * @returns the digest of all records
 */
export async function writeSteps(
  folder: string,
  from: number,
  to: number,
): Promise<string> {
  using metrics = await MetricsFile.open(folder, {
    cycle: 0,
    step: from,
    total: from,
  });
  for (let step = from + 1; step <= to; step++) {
    metrics.step({
      cycle: 0,
      epoch: 1,
      step,
      learningRate: 0.01,
      momentum: 0.9,
      statistics,
      histograms: step % 2 === 0,
    });
    if (step % 2 === 0) {
      metrics.test({ cycle: 0, epoch: 1, step }, { liberty: 0.5 });
    }
  }
  metrics.flush();
  return metrics.digest();
}
