import { type Gpu, NearestRows, openGpu, PoolScores } from "../../gpu/mod.ts";
import {
  type DescriptorRows,
  distanceTile,
  type Norm,
} from "../metrics/distance.ts";
import {
  type NearestRows as Nearest,
  nearestRows,
  type NearestScreen,
} from "../metrics/matching.ts";

/** Scores of one run of queries for one run of distractors. */
export interface SearchBlock {
  firstQuery: number;
  queries: number;
  firstDistractor: number;
  distractors: number;
  /** [queries, stride] */
  scores: Float32Array | Float64Array;
  stride: number;
  /** [queries] by how much a score may be off */
  errorBound: Float64Array;
  /** Whether L2 scores are halves of the square of the distance less that of the query's norm; else they are distances. */
  halved: boolean;
}

/**
 * From this many multiply-adds on, comparisons go to the GPU. Below, typed arrays are done before an adapter is open and
 * its kernels are compiled (about two seconds on the software adapter).
 */
export const gpuMultiplyAdds = 2e9;

/** Rows and columns on the GPU at once. */
const gpuRows = 2048;
const gpuColumns = 8192;
const poolColumns = 4096;
/** Queries and distractors that typed arrays compare at once. */
const poolRows = 16;

/**
 * Compares many rows with many: the nearest rows of images, and pools of distractors.
 *
 * The one rule of who computes: work of {@linkcode gpuMultiplyAdds} or more is screened on the GPU, of whatever class, and
 * float64 decides what the screen's error bound leaves open; less is done in float64 outright. Both give the same figures
 * to the bit.
 */
export class RowSearch implements Disposable {
  readonly #gpu: Gpu | undefined;
  readonly #norm: Norm;
  #nearest: NearestRows | undefined;

  private constructor(gpu: Gpu | undefined, norm: Norm) {
    this.#gpu = gpu;
    this.#norm = norm;
  }

  /**
   * Opens the GPU if the work is worth it.
   *
   * @param multiplyAdds of all comparisons to come: rows × columns × dimension
   * @param threshold from where on the GPU is worth it
   * @throws {GpuError} when it is and there is no adapter
   */
  static async open(
    norm: Norm,
    multiplyAdds: number,
    threshold: number = gpuMultiplyAdds,
  ): Promise<RowSearch> {
    const worthGpu = multiplyAdds >= threshold;
    return new RowSearch(worthGpu ? await openGpu() : undefined, norm);
  }

  /** What computes, for progress lines: the adapter's name; undefined for typed arrays. */
  get adapter(): string | undefined {
    return this.#gpu?.adapter.description;
  }

  /**
   * Nearest rows of a reference image in each of several images. The GPU is at work when the promise resolves.
   *
   * @returns what waits for the GPU and decides; other work comes first, for waiting holds this thread
   */
  async nearest(
    reference: DescriptorRows,
    images: readonly DescriptorRows[],
    mostRows: number,
  ): Promise<() => Promise<Nearest[]>> {
    const decide = (screens: NearestScreen[]) =>
      images.map((image, i) =>
        nearestRows(reference, image, this.#norm, screens[i])
      );
    if (this.#gpu === undefined) return () => Promise.resolve(decide([]));
    const { dimension } = reference;
    this.#nearest ??= new NearestRows(this.#gpu, {
      dimension,
      norm: this.#norm,
      rows: Math.min(mostRows, gpuRows),
      columns: Math.min(mostRows * images.length, gpuColumns),
    });
    const screens = await this.#nearest.search(
      reference.values,
      images.map(({ values }) => values),
      dimension,
    );
    return async () => decide(await screens());
  }

  /** Scores of all queries for all distractors, in blocks; a block is valid until the next. */
  async *pools(
    queries: DescriptorRows,
    distractors: DescriptorRows,
  ): AsyncGenerator<SearchBlock> {
    if (this.#gpu === undefined) yield* this.#exactPools(queries, distractors);
    else yield* this.#screenedPools(this.#gpu, queries, distractors);
  }

  async *#screenedPools(
    gpu: Gpu,
    queries: DescriptorRows,
    distractors: DescriptorRows,
  ): AsyncGenerator<SearchBlock> {
    const { dimension } = queries;
    const rows = queries.values.length / dimension;
    const columns = distractors.values.length / dimension;
    using pool = new PoolScores(gpu, {
      dimension,
      norm: this.#norm,
      rows: Math.min(rows, gpuRows),
      columns: Math.min(columns, poolColumns),
    });
    // While a block is counted the GPU scores the next.
    let scored: Promise<SearchBlock> | undefined;
    for (let left = 0; left < columns; left += pool.columns) {
      const width = Math.min(pool.columns, columns - left);
      pool.writeColumns(slice(distractors, left, width), dimension);
      for (let top = 0; top < rows; top += pool.rows) {
        const height = Math.min(pool.rows, rows - top);
        const scores = pool.block(slice(queries, top, height), dimension);
        if (scored !== undefined) yield scored;
        scored = scores().then((block) => ({
          firstQuery: top,
          queries: height,
          firstDistractor: left,
          distractors: width,
          halved: this.#norm === "L2",
          ...block,
        }));
        // Who takes the block before it may fail; this one's failure then matters to nobody.
        scored.catch(() => {});
      }
    }
    if (scored !== undefined) yield scored;
  }

  *#exactPools(
    queries: DescriptorRows,
    distractors: DescriptorRows,
  ): Generator<SearchBlock> {
    const { dimension } = queries;
    const rows = queries.values.length / dimension;
    const columns = distractors.values.length / dimension;
    const scores = new Float64Array(poolRows * columns);
    const errorBound = new Float64Array(poolRows);
    for (let top = 0; top < rows; top += poolRows) {
      const height = Math.min(poolRows, rows - top);
      distanceTile(
        queries,
        top,
        height,
        distractors,
        0,
        columns,
        this.#norm,
        scores,
      );
      yield {
        firstQuery: top,
        queries: height,
        firstDistractor: 0,
        distractors: columns,
        scores,
        stride: columns,
        errorBound,
        halved: false,
      };
    }
  }

  [Symbol.dispose](): void {
    this.#nearest?.[Symbol.dispose]();
    this.#gpu?.[Symbol.dispose]();
  }
}

function slice(
  { values, dimension }: DescriptorRows,
  first: number,
  count: number,
): Float32Array {
  return values.subarray(first * dimension, (first + count) * dimension);
}
