import { DataError, type QueryTask } from "../../data/mod.ts";
import { join } from "@std/path";
import {
  type DescriptorRows,
  type Norm,
  pairDistance,
} from "../metrics/distance.ts";
import { type Figure, meanFigure } from "../metrics/figure.ts";
import { type QueryPatches, readQueryPatches } from "./query_patches.ts";
import { PoolCounts, reachedCuts, segmentEnds } from "../metrics/retrieval.ts";
import type { DescriptorFolder } from "./descriptor_folder.ts";
import { type Noise, noiseNames } from "./benchmark.ts";
import type { RetrievalMeasures, TieWatch } from "./measures.ts";
import type { TaskObserver } from "./observer.ts";
import type { RowSearch, SearchBlock } from "./row_search.ts";

/** Patches of a query at one noise level. */
const imagesOfNoise = 5;
const matchesOfQuery = imagesOfNoise * noiseNames.length;

/**
 * HPatches patch retrieval on the files `retr_{queries,distractors}_split-<name>.csv`: mean average precision over the
 * queries for each pool size and noise level, and the mean of the three levels.
 *
 * The distractors are patches of reference images, the same at every noise level, so each query meets each distractor once
 * and is counted against all its fifteen matches. Memory does not grow with queries × distractors.
 */
export class RetrievalTask {
  readonly #queries: QueryPatches;
  readonly #distractors: QueryPatches;
  readonly #cuts: readonly number[];
  readonly #largestPool: number;
  /** pool sizes that were asked for and that no pool has */
  readonly #beyond: readonly number[];
  readonly #norm: Norm;
  readonly #observer: TaskObserver;
  /** [queries, 15] distances to the query's own patches */
  readonly #own: Float64Array;
  readonly #queriesOfSequence = new Map<string, number[]>();
  /** ascending indices of the distractors of a sequence */
  readonly #distractorsOfSequence = new Map<string, number[]>();

  private constructor(
    queries: QueryPatches,
    distractors: QueryPatches,
    cuts: readonly number[],
    norm: Norm,
    observer: TaskObserver,
  ) {
    this.#queries = queries;
    this.#distractors = distractors;
    this.#norm = norm;
    this.#observer = observer;
    this.#own = new Float64Array(queries.task.patch.length * matchesOfQuery);
    group(queries.task, this.#queriesOfSequence);
    group(distractors.task, this.#distractorsOfSequence);
    const skipped = queries.task.sequences.map((sequence) =>
      this.#distractorsOfSequence.get(sequence)?.length ?? 0
    );
    this.#largestPool = imagesOfNoise + distractors.task.patch.length -
      skipped.reduce((least, count) => Math.min(least, count), Infinity);
    const { reached, beyond } = reachedCuts(cuts, this.#largestPool);
    this.#cuts = reached;
    this.#beyond = beyond;
  }

  /**
   * Reads queries and distractors and opens the sequences they name.
   *
   * @param cuts pool sizes
   * @throws {DataError} with file and line when a file is wrong or names a patch that has no descriptor
   */
  static async read(
    folder: DescriptorFolder,
    tasksDirectory: string,
    splitName: string,
    cuts: readonly number[],
    norm: Norm,
    observer: TaskObserver,
  ): Promise<RetrievalTask> {
    const pathOf = (kind: string) =>
      join(tasksDirectory, `retr_${kind}_split-${splitName}.csv`);
    const queries = await readQueryPatches(folder, pathOf("queries"));
    const distractors = await readQueryPatches(folder, pathOf("distractors"));
    if (queries.task.patch.length === 0) {
      throw new DataError({
        attempt: "evaluate retrieval",
        where: pathOf("queries"),
        found: "no query",
        wanted: "at least one",
      });
    }
    return new RetrievalTask(queries, distractors, cuts, norm, observer);
  }

  /** What the figures leave out, one line each. */
  notes(split: string): string[] {
    if (this.#beyond.length === 0) return [];
    return [
      `retrieval of split ${split} leaves out k = ${
        this.#beyond.join(", ")
      }: ` +
      `its largest pool has ${this.#largestPool} entries; measured at k = ${
        this.#cuts.join(", ")
      }`,
    ];
  }

  /** Sequences whose noisy images it needs. */
  get sequences(): Iterable<string> {
    return this.#queriesOfSequence.keys();
  }

  /** Queries there are. */
  get queries(): number {
    return this.#queries.task.patch.length;
  }

  /** Multiply-adds of all comparisons with distractors. */
  get multiplyAdds(): number {
    const { values } = this.#queries.descriptors;
    return values.length * this.#distractors.task.patch.length;
  }

  /** Measures how far the queries of one sequence are from their own patches at one noise level. */
  add(
    sequence: string,
    noise: Noise,
    images: readonly DescriptorRows[],
  ): void {
    const first = noiseNames.indexOf(noise) * imagesOfNoise;
    for (const query of this.#queriesOfSequence.get(sequence) ?? []) {
      images.forEach((image, i) => {
        this.#own[query * matchesOfQuery + first + i] = pairDistance(
          this.#queries.descriptors,
          query,
          image,
          this.#queries.task.patch[query],
          this.#norm,
        );
      });
    }
  }

  /** Ranks all pools, once every query's own patches are measured. */
  async measures(
    search: RowSearch,
    ties: TieWatch,
    onQueries: (done: number) => void,
  ): Promise<RetrievalMeasures> {
    const { queries } = this;
    const distractors = this.#distractors.task.patch.length;
    const counts = new PoolCounts(queries, matchesOfQuery, this.#cuts.length);
    for (let query = 0; query < queries; query++) {
      const at = query * matchesOfQuery;
      counts.setMatches(query, this.#own.subarray(at, at + matchesOfQuery));
    }
    let compared = 0;
    const { descriptors } = this.#queries;
    const pools = search.pools(descriptors, this.#distractors.descriptors);
    for await (const block of pools) {
      this.#countBlock(block, counts);
      compared += block.queries * block.distractors;
      onQueries(Math.floor(compared / distractors));
    }
    return this.#means(counts, ties);
  }

  #countBlock(block: SearchBlock, counts: PoolCounts): void {
    const queries = this.#queries.descriptors;
    const distractors = this.#distractors.descriptors;
    const start = block.firstDistractor;
    const end = start + block.distractors;
    for (let row = 0; row < block.queries; row++) {
      const query = block.firstQuery + row;
      // Index in the scores of the distractor with index 0.
      const origin = row * block.stride - start;
      counts.select(query, {
        scores: block.scores,
        scale: block.halved ? 0.5 : 1,
        shift: block.halved ? -squaredNorm(queries, query) / 2 : 0,
        errorBound: block.errorBound[row],
        distanceAt: (index) =>
          pairDistance(queries, query, distractors, index - origin, this.#norm),
      });
      const { skipped, ends } = this.#poolOf(query);
      let next = skipped.findIndex((index) => index >= start);
      let at = start;
      for (const [segment, segmentEnd] of ends.entries()) {
        const stop = Math.min(segmentEnd, end);
        while (at < stop) {
          const skip = next < 0 ? Infinity : skipped[next] ?? Infinity;
          const to = Math.min(stop, skip);
          counts.count(segment, origin + at, origin + to);
          at = to;
          if (at === skip) {
            at++;
            next++;
          }
        }
      }
    }
  }

  readonly #pools = new Map<string, { skipped: number[]; ends: number[] }>();

  /** The distractors that a query's pool leaves out, and the ends of its segments: alike for a sequence's queries. */
  #poolOf(query: number): { skipped: number[]; ends: number[] } {
    const { task } = this.#queries;
    const sequence = task.sequences[task.sequence[query]];
    let pool = this.#pools.get(sequence);
    if (pool === undefined) {
      const skipped = this.#distractorsOfSequence.get(sequence) ?? [];
      const distractors = this.#distractors.task.patch.length;
      pool = {
        skipped,
        ends: segmentEnds(this.#cuts, imagesOfNoise, skipped, distractors),
      };
      this.#pools.set(sequence, pool);
    }
    return pool;
  }

  #means(counts: PoolCounts, ties: TieWatch): RetrievalMeasures {
    const { task } = this.#queries;
    const cuts = this.#cuts;
    const measures: RetrievalMeasures = {
      easy: {},
      hard: {},
      tough: {},
      mean: {},
    };
    const figures = noiseNames.map((): Figure[][] => []);
    for (let query = 0; query < task.patch.length; query++) {
      const sequence = task.sequences[task.sequence[query]];
      for (const [index, noise] of noiseNames.entries()) {
        const first = index * imagesOfNoise;
        const ofQuery = counts.figures(query, first, imagesOfNoise, cuts);
        figures[index].push(ofQuery);
        this.#observer.onRetrieval?.({
          sequence,
          noise,
          cuts,
          figures: ofQuery,
        });
      }
    }
    cuts.forEach((cut, at) => {
      let sum = 0;
      for (const [index, noise] of noiseNames.entries()) {
        const figure = meanFigure(figures[index].map((list) => list[at]));
        const value = ties.value(`mAP of ${noise} at k = ${cut}`, figure);
        measures[noise][cut] = value;
        sum += value;
      }
      measures.mean[cut] = sum / noiseNames.length;
    });
    return measures;
  }
}

/** Row indices of a task file by the sequence they name, ascending. */
function group(
  { sequences, sequence }: QueryTask,
  rows: Map<string, number[]>,
): void {
  const lists = sequences.map((): number[] => []);
  for (let row = 0; row < sequence.length; row++) {
    lists[sequence[row]].push(row);
  }
  sequences.forEach((name, index) => rows.set(name, lists[index]));
}

function squaredNorm({ values, dimension }: DescriptorRows, row: number) {
  let sum = 0;
  for (let at = row * dimension; at < (row + 1) * dimension; at++) {
    sum += values[at] * values[at];
  }
  return sum;
}
