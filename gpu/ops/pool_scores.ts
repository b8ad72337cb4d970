import type { Gpu } from "../device.ts";
import { Recorder } from "../recorder.ts";
import { RowTiles, type RowTilesOptions } from "../rows/row_tiles.ts";
import { Tensor } from "../tensor.ts";
import source from "../wgsl/search/pool_scores.wgsl" with { type: "text" };

/** Scores of a run of rows for the columns in place. */
export interface PoolBlock {
  /** [rows, stride] */
  scores: Float32Array;
  stride: number;
  /** [rows] by how much a score may be off; Infinity where nothing is known */
  errorBound: Float64Array;
}

/**
 * Scores of rows for a pool of columns, streamed block by block in bounded memory. For scores and their error see
 * {@linkcode RowTiles}.
 */
export class PoolScores implements Disposable {
  readonly #tiles: RowTiles;
  readonly #recorder: Recorder;
  readonly #scores: Tensor;
  #usedTiles = 0;

  constructor(gpu: Gpu, options: RowTilesOptions) {
    this.#tiles = new RowTiles(gpu, options);
    this.#recorder = new Recorder(gpu);
    this.#scores = new Tensor(gpu, "pool scores", [
      this.#tiles.rows,
      this.#tiles.columns,
    ]);
  }

  /** Rows of a block at most. */
  get rows(): number {
    return this.#tiles.rows;
  }

  /** Columns in place at most. */
  get columns(): number {
    return this.#tiles.columns;
  }

  /** Puts columns [count, dimension] in place of those before. */
  writeColumns(columns: Float32Array, dimension: number): void {
    const count = columns.length / dimension;
    this.#usedTiles = Math.ceil(count / this.#tiles.tileColumns);
    this.#tiles.clearColumns();
    this.#tiles.writeColumns(columns, 0);
  }

  /**
   * Starts to score rows [count, dimension] for the columns in place.
   *
   * @returns what waits for the GPU and returns the scores; columns and other rows may be written before
   */
  block(rows: Float32Array, dimension: number): () => Promise<PoolBlock> {
    const count = rows.length / dimension;
    const stride = this.#tiles.columns;
    const errorBound = this.#tiles.errorBound(rows);
    this.#tiles.writeRows(rows);
    this.#tiles.record(
      this.#recorder,
      "pool_scores",
      source,
      this.#scores,
      count,
      this.#usedTiles,
      { WIDTH: stride },
    );
    const scores = this.#recorder.submitAndRead(this.#scores, count * stride);
    return async () => ({ scores: await scores(), stride, errorBound });
  }

  [Symbol.dispose](): void {
    this.#scores[Symbol.dispose]();
    this.#recorder[Symbol.dispose]();
    this.#tiles[Symbol.dispose]();
  }
}
