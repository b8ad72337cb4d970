import { DataError, type PairTask, RandomStream } from "../../data/mod.ts";
import { WeightedRanking } from "../metrics/weighted_verification.ts";
import { figureList, figureMeans } from "./figure_list.ts";
import type {
  BootstrapFigure,
  BootstrapOptions,
  BootstrapResult,
  HpatchesMeasures,
} from "./measures.ts";
import type {
  FullObserver,
  ImageMatches,
  QueryFigures,
  VerificationLists,
} from "./observer.ts";

/** Replicates between two looks at the abort signal. */
const replicatesAtOnce = 16;

/**
 * Bootstrap over sequences: each replicate draws as many of the split's sequences as there are, with replacement, and
 * takes every figure again with each sequence counting as often as it was drawn. A pair of two sequences counts as often as
 * the product says; distractors stay as they are. Patches of a sequence stay together, because they are alike: intervals
 * over single patches would be far too narrow.
 */
export class SequenceBootstrap implements FullObserver {
  readonly #sequences: readonly string[];
  readonly #options: BootstrapOptions;
  readonly #split: string;
  readonly #signal: AbortSignal | undefined;
  readonly #index: ReadonlyMap<string, number>;
  /** [replicates] times each sequence was drawn */
  readonly #draws: Uint16Array[];
  /** replicates of each figure */
  readonly #values = new Map<string, Float64Array>();
  /** by figure name: sums over each sequence's images or queries, and how many these are */
  readonly #sums = new Map<string, { sum: Float64Array; count: Uint32Array }>();

  /** @param split its name, for the error when a task names a sequence outside of it */
  constructor(
    sequences: readonly string[],
    options: BootstrapOptions,
    split: string,
    signal?: AbortSignal,
  ) {
    this.#sequences = sequences;
    this.#options = options;
    this.#split = split;
    this.#signal = signal;
    this.#index = new Map(sequences.map((name, index) => [name, index]));
    this.#draws = drawSequences(sequences.length, options);
  }

  async onVerification(
    { noise, kind, matching, nonMatching }: VerificationLists,
  ): Promise<void> {
    const ranking = new WeightedRanking(
      matching.distances,
      this.#groups(matching.pairs),
      nonMatching.distances,
      this.#groups(nonMatching.pairs),
    );
    const { replicates } = this.#options;
    const auc = new Float64Array(replicates);
    const ap = new Float64Array(replicates);
    for (let replicate = 0; replicate < replicates; replicate++) {
      if (replicate % replicatesAtOnce === 0) {
        await new Promise((resolve) => setTimeout(resolve));
        this.#signal?.throwIfAborted();
      }
      const figures = ranking.figures(pairWeights(this.#draws[replicate]));
      auc[replicate] = figures.auc;
      ap[replicate] = figures.ap;
    }
    this.#values.set(`verification.${noise}.${kind}.auc`, auc);
    this.#values.set(`verification.${noise}.${kind}.ap`, ap);
  }

  onMatching({ sequence, noise, figure }: ImageMatches): void {
    this.#add(`matching.${noise}`, sequence, figure.value);
  }

  onRetrieval({ sequence, noise, cuts, figures }: QueryFigures): void {
    cuts.forEach((cut, at) =>
      this.#add(`retrieval.${noise}.${cut}`, sequence, figures[at].value)
    );
  }

  /** The intervals of all figures of the tasks that were looked at. */
  result(measures: HpatchesMeasures): BootstrapResult {
    for (const [name, sums] of this.#sums) {
      this.#values.set(name, this.#meansOf(sums));
    }
    this.#addMeans(measures);
    const figures: Record<string, BootstrapFigure> = {};
    for (const [name, value] of figureList(measures)) {
      figures[name] = bootstrapFigure(value, this.#values.get(name)!);
    }
    return { ...this.#options, sequences: [...this.#sequences], figures };
  }

  #add(name: string, sequence: string, value: number): void {
    let sums = this.#sums.get(name);
    if (sums === undefined) {
      const count = this.#sequences.length;
      sums = { sum: new Float64Array(count), count: new Uint32Array(count) };
      this.#sums.set(name, sums);
    }
    const index = this.#indexOf(sequence);
    sums.sum[index] += value;
    sums.count[index]++;
  }

  #meansOf(
    { sum, count }: { sum: Float64Array; count: Uint32Array },
  ): Float64Array {
    return Float64Array.from(this.#draws, (draws) => {
      let total = 0;
      let entries = 0;
      for (let i = 0; i < draws.length; i++) {
        total += draws[i] * sum[i];
        entries += draws[i] * count[i];
      }
      return total / entries;
    });
  }

  /** The figures that are means of others, replicate by replicate. */
  #addMeans(measures: HpatchesMeasures): void {
    for (const [name, parts] of figureMeans(measures)) {
      const columns = parts.map((part) => this.#values.get(part)!);
      this.#values.set(
        name,
        columns[0].map((_, replicate) =>
          columns.reduce((sum, column) => sum + column[replicate], 0) /
          columns.length
        ),
      );
    }
  }

  #indexOf(sequence: string): number {
    const index = this.#index.get(sequence);
    if (index !== undefined) return index;
    throw new DataError({
      attempt: "bootstrap over sequences",
      where: `split ${this.#split}`,
      found: `a task that names ${sequence}`,
      wanted: "tasks that name the split's test sequences only",
    });
  }

  /** For each pair the index of its two sequences in the table of weights. */
  #groups({ sequences, first, second }: PairTask): Uint32Array {
    const indices = sequences.map((name) => this.#indexOf(name));
    const count = this.#sequences.length;
    return Uint32Array.from(
      first.sequence,
      (sequence, row) =>
        indices[sequence] * count + indices[second.sequence[row]],
    );
  }
}

/** How often each of `count` sequences is drawn in each replicate, [replicates][count]. */
export function drawSequences(
  count: number,
  { replicates, seed }: BootstrapOptions,
): Uint16Array[] {
  return Array.from({ length: replicates }, (_, replicate) => {
    const stream = new RandomStream(seed, "bootstrap", replicate);
    const draws = new Uint16Array(count);
    for (let i = 0; i < count; i++) {
      draws[Math.floor(stream.uniform(0, count))]++;
    }
    return draws;
  });
}

/**
 * A figure with its interval.
 *
 * @param values replicates of the figure; NaN where the drawn sequences hold nothing that it needs
 */
export function bootstrapFigure(
  value: number,
  values: Float64Array,
): BootstrapFigure {
  const sorted = values.filter((number) => !Number.isNaN(number)).sort();
  return {
    value,
    low: quantile(sorted, 0.025),
    high: quantile(sorted, 0.975),
    replicates: Array.from(
      values,
      (number) => Number.isNaN(number) ? null : Number(number.toFixed(7)),
    ),
  };
}

/** How often a pair of two sequences counts, [sequences, sequences]; a pair within one counts as often as that one. */
function pairWeights(draws: Uint16Array): Uint32Array {
  const count = draws.length;
  const weights = new Uint32Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) {
      weights[i * count + j] = i === j ? draws[i] : draws[i] * draws[j];
    }
  }
  return weights;
}

/** Quantile of ascending values with linear interpolation; null when there is none. */
export function quantile(sorted: Float64Array, share: number): number | null {
  if (sorted.length === 0) return null;
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}
