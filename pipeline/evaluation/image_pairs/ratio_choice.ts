import { type DescribedPairs, loadPairs } from "./described_pairs.ts";
import { meanAverageAccuracy } from "../../metrics/image_pairs.ts";
import {
  matchPair,
  outcomeOf,
  type PairOutcome,
  rightPixels,
} from "./pair_outcome.ts";
import { mean } from "./pair_figures.ts";

/** Ratio of distances up to which a match is kept where there are no pairs to choose one on. */
export const usualRatio = 0.9;

/** What is chosen from: 0.6, 0.65 … 1. */
const candidates = Array.from({ length: 9 }, (_, i) => (12 + i) / 20);

/**
 * The ratio that suits each descriptor best on validation pairs: by the harmonic mean of the share of right matches and of recall where
 * a homography is known, by the mean average accuracy of the pose up to 10° where that is. Of equally good ones the smallest.
 *
 * @throws the signal's reason when aborted
 */
export async function chooseRatios(
  validation: DescribedPairs,
  descriptors: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, number>> {
  const scores = new Map(
    descriptors.map((name) => [name, candidates.map((): number[] => [])]),
  );
  for await (const { pair, left, right } of loadPairs(validation)) {
    for (const name of descriptors) {
      signal?.throwIfAborted();
      candidates.forEach((ratio, at) => {
        const matches = matchPair(left, right, name, ratio);
        scores.get(name)![at].push(
          scoreOf(outcomeOf(pair, left, right, matches)),
        );
      });
    }
  }
  return new Map([...scores].map(([name, byRatio]) => {
    const means = byRatio.map(mean);
    return [name, candidates[means.indexOf(Math.max(...means))]];
  }));
}

function scoreOf(outcome: PairOutcome): number {
  if (outcome.kind === "pose") {
    return meanAverageAccuracy([outcome.poseErrorDegrees], 10);
  }
  const precision = outcome.accuracies[rightPixels - 1];
  const recall = outcome.recall;
  return precision + recall > 0
    ? 2 * precision * recall / (precision + recall)
    : 0;
}
