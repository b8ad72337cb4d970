import type { Gpu } from "../device.ts";
import { type Kernel, kernel } from "../kernel.ts";
import type { Recorder } from "../recorder.ts";
import { mostTextureRows, RowTexture } from "./row_texture.ts";
import { padRows, type RowNorm, rowNorm } from "./row_values.ts";
import { Arena, Tensor, uniformLimitBytes } from "../tensor.ts";
import differenceTerms from "../wgsl/lib/add_difference.wgsl" with {
  type: "text",
};
import productTerms from "../wgsl/lib/add_product.wgsl" with { type: "text" };
import storageColumns from "../wgsl/lib/columns_storage.wgsl" with {
  type: "text",
};
import uniformColumns from "../wgsl/lib/columns_uniform.wgsl" with {
  type: "text",
};
import rowScores from "../wgsl/lib/row_scores.wgsl" with { type: "text" };
import storageRows from "../wgsl/lib/rows_storage.wgsl" with { type: "text" };
import textureRows from "../wgsl/lib/rows_texture.wgsl" with { type: "text" };

/** Beyond every score: where a column that only fills its tile starts. */
const far = 1e30;
/** Rows of larger norm might overflow; their scores count as unknown. */
const largestNorm = 1e14;
/** A binary32 operation is off by at most this share, however the adapter rounds. */
const roundoff = 2 ** -23;
/** Absolute error of a term that an adapter flushes to zero. */
const flushed = 2 ** -120;
/** Columns a tile has at most. */
const mostTileColumns = 128;

/** Sizes that {@linkcode RowTiles} is made for. */
export interface RowTilesOptions {
  /** components of a row */
  dimension: number;
  norm: RowNorm;
  /** rows and columns that are compared at once; rounded up to whole tiles */
  rows: number;
  columns: number;
}

/**
 * Rows x and columns y of which every pair gets a score, in tiles of columns:
 *
 *     L2: s(i, j) = ½‖y_j‖² − ⟨x_i, y_j⟩ = ½(‖x_i − y_j‖² − ‖x_i‖²);  L1: s(i, j) = Σ_k |x_ik − y_jk|
 *
 * Scores are binary32. {@linkcode RowTiles.errorBound} says by how much one may differ from the exact value, whatever the order of
 * the sums: with n components, γ = (n+8)u / (1 − (n+8)u) and u = 2⁻²³ (WGSL lets an adapter choose either neighbour),
 * γ(‖x_i‖·max‖y‖ + ½max‖y‖²) or γ(‖x_i‖₁ + max‖y‖₁). So scores further apart than twice the bound are in the order of the
 * exact distances.
 *
 * Columns are read from a uniform binding, a tile at a time, and rows from a texture, where the device class and the dimension
 * allow it, because the software adapter reads both faster than storage.
 */
export class RowTiles implements Disposable {
  readonly rows: number;
  readonly columns: number;
  readonly tileColumns: number;
  readonly #gpu: Gpu;
  readonly #arena: Arena;
  readonly #x: Tensor | RowTexture;
  readonly #y: Tensor;
  readonly #start: Tensor;
  readonly #dimension: number;
  readonly #components: number;
  readonly #norm: RowNorm;
  readonly #threadRows: number;
  readonly #threadColumns: number;
  readonly #group: number;
  readonly #uniform: boolean;
  readonly #kernels = new Map<string, Kernel>();
  /** [tiles] columns to compare, in whole runs of what a thread computes at a time */
  readonly #tileColumnsUsed: Uint32Array;
  #largestColumn = 0;

  constructor(gpu: Gpu, options: RowTilesOptions) {
    const { tiles } = gpu;
    const [threadRows, threadColumns] = tiles.distances;
    this.#gpu = gpu;
    this.#dimension = options.dimension;
    this.#norm = options.norm;
    this.#components = Math.ceil(options.dimension / 4) * 4;
    this.#threadRows = threadRows;
    this.#threadColumns = threadColumns;
    this.#group = tiles.group;
    const held = Math.floor(uniformLimitBytes / 4 / this.#components);
    const fitting = Math.min(held, mostTileColumns);
    this.#uniform = tiles.uniformWindows && fitting >= threadColumns;
    this.tileColumns = this.#uniform
      ? fitting - fitting % threadColumns
      : mostTileColumns;
    const groupRows = threadRows * tiles.group;
    this.rows = Math.min(
      roundUp(options.rows, groupRows),
      this.#uniform ? mostTextureRows - mostTextureRows % groupRows : Infinity,
    );
    this.columns = roundUp(options.columns, this.tileColumns);
    this.#tileColumnsUsed = new Uint32Array(this.columns / this.tileColumns);
    this.#arena = new Arena(gpu);
    this.#x = this.#uniform
      ? new RowTexture(gpu, "compared rows", this.rows, this.#components)
      : new Tensor(gpu, "compared rows", [this.rows, this.#components]);
    this.#y = this.#arena.tensor("compared columns", [
      this.columns,
      this.#components,
    ], { uniform: this.#uniform });
    this.#start = this.#arena.tensor("first scores", [this.columns]);
  }

  /** Uploads rows [count, dimension], count at most {@linkcode RowTiles.rows}. */
  writeRows(values: Float32Array): void {
    this.#x.write(padRows(values, this.#dimension, this.#components));
  }

  /** Forgets the columns; those of {@linkcode RowTiles.writeColumns} count from here. */
  clearColumns(): void {
    this.#largestColumn = 0;
    this.#start.write(new Float32Array(this.columns).fill(far));
  }

  /** Uploads columns [count, dimension] to the tiles from `firstTile` on. */
  writeColumns(values: Float32Array, firstTile: number): void {
    const first = firstTile * this.tileColumns;
    this.#y.write(
      padRows(values, this.#dimension, this.#components),
      first * this.#components,
    );
    const start = new Float32Array(values.length / this.#dimension);
    for (let column = 0; column < start.length; column++) {
      const norm = rowNorm(values, column, this.#dimension, this.#norm);
      this.#largestColumn = Math.max(this.#largestColumn, norm);
      start[column] = this.#norm === "L2" ? norm * norm / 2 : 0;
    }
    this.#start.write(start, first);
    const tiles = Math.ceil(start.length / this.tileColumns);
    for (let tile = 0; tile < tiles; tile++) {
      const left = start.length - tile * this.tileColumns;
      this.#tileColumnsUsed[firstTile + tile] = Math.min(
        roundUp(left, this.#threadColumns),
        this.tileColumns,
      );
    }
  }

  /**
   * By how much a score of each row may be off, for the columns written since they were cleared; Infinity where nothing
   * is known.
   */
  errorBound(rows: Float32Array): Float64Array {
    const bound = new Float64Array(rows.length / this.#dimension);
    const share = (this.#components + 8) * roundoff;
    const gamma = share / (1 - share);
    const column = this.#largestColumn;
    for (let row = 0; row < bound.length; row++) {
      const norm = rowNorm(rows, row, this.#dimension, this.#norm);
      const size = this.#norm === "L2"
        ? norm * column + column * column / 2
        : norm + column;
      bound[row] = Math.max(norm, column) < largestNorm
        ? gamma * size + this.#components * flushed
        : Infinity;
    }
    return bound;
  }

  /**
   * Records a kernel over the first `count` rows and `tiles` tiles; its bindings are x, y, first scores and `out`. It is
   * compiled at its first use.
   *
   * @param label names the kernel
   * @param shape further constants
   */
  record(
    recorder: Recorder,
    label: string,
    source: string,
    out: Tensor,
    count: number,
    tiles: number,
    shape: Record<string, number> = {},
  ): void {
    let compiled = this.#kernels.get(label);
    if (compiled === undefined) {
      compiled = this.#compile(label, source, shape);
      this.#kernels.set(label, compiled);
    }
    const groups = Math.ceil(count / (this.#threadRows * this.#group));
    if (!this.#uniform) {
      const bound = [this.#x, this.#y, this.#start, out];
      const params = [{ u32: 0 }, { u32: this.tileColumns }];
      recorder.dispatch(compiled, bound, [groups, tiles], params);
      return;
    }
    const size = this.tileColumns * this.#components;
    for (let tile = 0; tile < tiles; tile++) {
      const slice = { tensor: this.#y, offset: tile * size, size };
      const bound = [this.#x, slice, this.#start, out];
      const params = [{ u32: tile }, { u32: this.#tileColumnsUsed[tile] }];
      recorder.dispatch(compiled, bound, [groups], params);
    }
  }

  [Symbol.dispose](): void {
    this.#x[Symbol.dispose]();
    this.#arena[Symbol.dispose]();
  }

  #compile(
    label: string,
    source: string,
    shape: Record<string, number>,
  ): Kernel {
    const columns = this.#uniform ? this.tileColumns : this.columns;
    return kernel(this.#gpu, label, source, {
      ...shape,
      ROWS: this.rows,
      COLUMNS: columns,
      K4: this.#components / 4,
      R: this.#threadRows,
      C: this.#threadColumns,
      TILE: this.tileColumns,
      GROUP: this.#group,
      FAR: { f32: far },
    }, {
      rows: this.#uniform ? textureRows : storageRows,
      columns: this.#uniform ? uniformColumns : storageColumns,
      add_terms: this.#norm === "L2" ? productTerms : differenceTerms,
      row_scores: rowScores,
    });
  }
}

function roundUp(count: number, step: number): number {
  return Math.max(1, Math.ceil(count / step)) * step;
}
