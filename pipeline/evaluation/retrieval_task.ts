import { DataError, type QueryTask, readQueryTask } from "../../data/mod.ts";
import { join } from "@std/path";
import {
  type DescriptorRows,
  distanceTile,
  type Norm,
  pairDistance,
} from "../metrics/distance.ts";
import { type Figure, meanFigure } from "../metrics/figure.ts";
import { retrievalFigures } from "../metrics/retrieval.ts";
import type { DescriptorFolder } from "./descriptor_folder.ts";
import {
  noiseNames,
  noises,
  type RetrievalMeasures,
  type TieWatch,
} from "./measures.ts";
import type { TaskObserver } from "./observer.ts";

/** Queries that share one pass over the distractors, and distractors in one tile of that pass. */
const queryRows = 16;
const tileColumns = 1024;

/** Patches of reference images named by a task file, with their descriptors gathered. */
interface PatchFile {
  task: QueryTask;
  descriptors: DescriptorRows;
}

/**
 * HPatches patch retrieval on the files `retr_{queries,distractors}_split-<name>.csv`: mean average precision over the
 * queries for each pool size and noise level, and the mean of the three levels.
 *
 * Distances are streamed, a few queries at a time; memory does not grow with queries × distractors.
 *
 * @param cuts pool sizes
 * @throws DataError with file and line when a file is wrong or names a patch that has no descriptor
 */
export async function evaluateRetrieval(
  folder: DescriptorFolder,
  tasksDirectory: string,
  splitName: string,
  cuts: readonly number[],
  norm: Norm,
  ties: TieWatch,
  onQueries: (done: number, total: number) => void,
  observer: TaskObserver = {},
): Promise<RetrievalMeasures> {
  const pathOf = (kind: string) =>
    join(tasksDirectory, `retr_${kind}_split-${splitName}.csv`);
  const queries = await gather(folder, pathOf("queries"));
  const distractors = await gather(folder, pathOf("distractors"));
  const queryCount = queries.task.patch.length;
  if (queryCount === 0) {
    throw new DataError({
      attempt: "evaluate retrieval",
      where: pathOf("queries"),
      found: "no query",
      wanted: "at least one",
    });
  }
  const ascending = [...new Set(cuts)].sort((a, b) => a - b);
  const figures: Record<string, Figure[][]> = { easy: [], hard: [], tough: [] };
  const pool = new DistractorPool(queries, distractors, norm);
  for (let query = 0; query < queryCount; query++) {
    const distances = pool.distances(query);
    const name = queries.task.sequences[queries.task.sequence[query]];
    const { byType } = folder.sequence(name);
    for (const noise of noiseNames) {
      const own = Float64Array.from(
        [1, 2, 3, 4, 5],
        (image) =>
          pairDistance(
            queries.descriptors,
            query,
            byType.get(`${noises[noise]}${image}`)!,
            queries.task.patch[query],
            norm,
          ),
      );
      const ofQuery = retrievalFigures(own, distances, ascending);
      figures[noise].push(ofQuery);
      observer.onRetrieval?.({
        sequence: name,
        noise,
        cuts: ascending,
        figures: ofQuery,
      });
    }
    onQueries(query + 1, queryCount);
  }
  const measures: RetrievalMeasures = {
    easy: {},
    hard: {},
    tough: {},
    mean: {},
  };
  ascending.forEach((cut, at) => {
    let sum = 0;
    for (const noise of noiseNames) {
      const figure = meanFigure(figures[noise].map((list) => list[at]));
      const value = ties.value(`mAP of ${noise} at k = ${cut}`, figure);
      measures[noise][cut] = value;
      sum += value;
    }
    measures.mean[cut] = sum / noiseNames.length;
  });
  return measures;
}

async function gather(
  folder: DescriptorFolder,
  path: string,
): Promise<PatchFile> {
  const task = await readQueryTask(path);
  await folder.load(task.sequences, path);
  const dimension = folder.dimension;
  const count = task.patch.length;
  const values = new Float32Array(count * dimension);
  for (let row = 0; row < count; row++) {
    const name = task.sequences[task.sequence[row]];
    const { rows, byType } = folder.sequence(name);
    const patch = task.patch[row];
    if (patch >= rows) {
      throw new DataError({
        attempt: "evaluate retrieval",
        where: `${path}:${row + 2}`,
        found: `patch ${patch} of ${name}`,
        wanted: `below ${rows}, the rows of its descriptors`,
      });
    }
    const from = byType.get("ref")!.values;
    values.set(
      from.subarray(patch * dimension, (patch + 1) * dimension),
      row * dimension,
    );
  }
  return { task, descriptors: { values, dimension } };
}

/** Distances of each query to the distractors of other sequences, in file order, computed for a few queries at once. */
class DistractorPool {
  readonly #queries: PatchFile;
  readonly #distractors: PatchFile;
  readonly #norm: Norm;
  readonly #count: number;
  readonly #block: Float64Array;
  readonly #tile = new Float64Array(queryRows * tileColumns);
  readonly #pool: Float64Array;
  /** index of a distractor's sequence by the index of a query's sequence; -1 = no distractor is from it */
  readonly #ownSequence: Int32Array;
  #blockStart = -1;

  constructor(queries: PatchFile, distractors: PatchFile, norm: Norm) {
    this.#queries = queries;
    this.#distractors = distractors;
    this.#norm = norm;
    this.#count = distractors.task.patch.length;
    this.#block = new Float64Array(queryRows * this.#count);
    this.#pool = new Float64Array(this.#count);
    this.#ownSequence = Int32Array.from(
      queries.task.sequences,
      (name) => distractors.task.sequences.indexOf(name),
    );
  }

  /** Distances for one query; valid until the next call. Ask for queries in order. */
  distances(query: number): Float64Array {
    const start = query - query % queryRows;
    if (start !== this.#blockStart) this.#fillBlock(start);
    const own = this.#ownSequence[this.#queries.task.sequence[query]];
    const { sequence } = this.#distractors.task;
    const offset = (query - start) * this.#count;
    let kept = 0;
    for (let i = 0; i < this.#count; i++) {
      if (sequence[i] !== own) this.#pool[kept++] = this.#block[offset + i];
    }
    return this.#pool.subarray(0, kept);
  }

  #fillBlock(start: number): void {
    const { task, descriptors } = this.#queries;
    const rows = Math.min(queryRows, task.patch.length - start);
    for (let left = 0; left < this.#count; left += tileColumns) {
      const columns = Math.min(tileColumns, this.#count - left);
      distanceTile(
        descriptors,
        start,
        rows,
        this.#distractors.descriptors,
        left,
        columns,
        this.#norm,
        this.#tile,
      );
      for (let i = 0; i < rows; i++) {
        this.#block.set(
          this.#tile.subarray(i * columns, (i + 1) * columns),
          i * this.#count + left,
        );
      }
    }
    this.#blockStart = start;
  }
}
