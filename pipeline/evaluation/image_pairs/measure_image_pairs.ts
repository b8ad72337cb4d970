import { bootstrapFigure, drawSequences } from "../bootstrap.ts";
import type {
  BootstrapOptions,
  BootstrapResult,
  ImagePairMeasures,
} from "../measures.ts";
import type { Log } from "../../log.ts";
import {
  type DescribedPairs,
  type LoadedPair,
  loadPairs,
} from "./described_pairs.ts";
import {
  matchPair,
  outcomeOf,
  type PairMatches,
  type PairOutcome,
} from "./pair_outcome.ts";
import { mean, pairFigures } from "./pair_figures.ts";
import { chooseRatios, usualRatio } from "./ratio_choice.ts";

/** What is measured, and how. */
export interface MeasureImagePairsOptions {
  test: DescribedPairs;
  /** other pairs to choose the ratios on; without them every descriptor gets 0.9 */
  validation?: DescribedPairs | undefined;
  /** names of the descriptors */
  descriptors: readonly string[];
  /** confidence intervals over sequences; default: none */
  bootstrap?: BootstrapOptions | undefined;
  /** told of the matches of every pair and descriptor */
  onMatches?: (
    pair: LoadedPair,
    descriptor: string,
    matches: PairMatches,
    outcome: PairOutcome,
  ) => void;
  log: Log;
  signal?: AbortSignal;
}

/**
 * Matches image pairs with each descriptor, on the same keypoints and with the same matcher and estimator, and holds the result against
 * what is known of the pairs.
 *
 * @returns figures as fractions by descriptor
 * @throws {DataError} when a described image is missing or damaged; the signal's reason when aborted
 */
export async function measureImagePairs(
  options: MeasureImagePairsOptions,
): Promise<Record<string, ImagePairMeasures>> {
  const { test, validation, descriptors, bootstrap, log, signal } = options;
  const ratios = validation &&
    await chooseRatios(validation, descriptors, signal);
  const outcomes = new Map(
    descriptors.map((name) => [name, [] as PairOutcome[]]),
  );
  const { length: count } = test.set.pairs;
  const progress = log.progress("match image pairs", count, "pairs");
  for await (const loaded of loadPairs(test)) {
    const { number, pair, left, right } = loaded;
    for (const name of descriptors) {
      signal?.throwIfAborted();
      const ratio = ratios?.get(name) ?? usualRatio;
      const matches = matchPair(left, right, name, ratio);
      const outcome = outcomeOf(pair, left, right, matches);
      outcomes.get(name)!.push(outcome);
      options.onMatches?.(loaded, name, matches, outcome);
    }
    progress.update(number + 1);
  }
  progress.finish();
  return Object.fromEntries(descriptors.map((name) => {
    const of = outcomes.get(name)!;
    return [name, {
      ratio: ratios?.get(name) ?? usualRatio,
      tuned: ratios !== undefined,
      pairs: of.length,
      matches: mean(of.map(({ matches }) => matches)),
      estimated: mean(of.map(({ estimated }) => Number(estimated))),
      figures: Object.fromEntries(
        pairFigures(of).map(([figure, value]) => [figure, orNull(value)]),
      ),
      ...(bootstrap === undefined
        ? {}
        : { bootstrap: bootstrapOf(of, bootstrap) }),
    }];
  }));
}

/** Every figure again on pairs of sequences drawn with replacement. */
function bootstrapOf(
  outcomes: readonly PairOutcome[],
  options: BootstrapOptions,
): BootstrapResult {
  const bySequence = Map.groupBy(outcomes, ({ sequence }) => sequence);
  const groups = [...bySequence.values()];
  const replicates = drawSequences(groups.length, options).map((draws) =>
    new Map(pairFigures(
      groups.flatMap((group, at) =>
        Array.from({ length: draws[at] }, () => group).flat()
      ),
    ))
  );
  return {
    ...options,
    sequences: [...bySequence.keys()],
    figures: Object.fromEntries(
      pairFigures(outcomes).filter(([, value]) => !Number.isNaN(value))
        .map(([name, value]) => [
          name,
          bootstrapFigure(
            value,
            Float64Array.from(replicates, (one) => one.get(name) ?? NaN),
          ),
        ]),
    ),
  };
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
