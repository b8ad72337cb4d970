import type { Gpu } from "../device.ts";
import { Recorder } from "../recorder.ts";
import { RowTiles, type RowTilesOptions } from "../rows/row_tiles.ts";
import { Tensor } from "../tensor.ts";
import source from "../wgsl/search/nearest_rows.wgsl" with { type: "text" };

/** What binary32 scores say about the nearest columns of one image, tile by tile. */
export interface NearestScreen {
  /**
   * [tiles, stride, 4]: of each tile's columns and each row the smallest score, the second smallest (the same when two
   * tie), the column within the tile, 0
   */
  entries: Float32Array;
  tileColumns: number;
  /** entries from one tile to the next: at least the rows */
  stride: number;
  /** [rows] by how much a score may be off; Infinity where nothing is known */
  errorBound: Float64Array;
}

/** Tiles of an image, `from` on, and where they stand among the columns of a pass. */
interface TileRun {
  image: number;
  from: number;
  tiles: number;
  at: number;
}

/**
 * For each row the two smallest scores in every tile of columns, found where the scores are computed: the row × column
 * matrix exists only as sums in registers. For scores and their error see {@linkcode RowTiles}.
 */
export class NearestRows implements Disposable {
  readonly #tiles: RowTiles;
  readonly #recorder: Recorder;
  readonly #entries: Tensor;

  constructor(gpu: Gpu, options: RowTilesOptions) {
    this.#tiles = new RowTiles(gpu, options);
    this.#recorder = new Recorder(gpu);
    this.#entries = new Tensor(gpu, "nearest columns", [
      this.#tiles.columns / this.#tiles.tileColumns,
      this.#tiles.rows,
      4,
    ]);
  }

  /**
   * Compares rows with every column of several images; any number of either.
   *
   * What the tensors hold at once is one step; the last is under way on the GPU when the promise resolves, so that other
   * work can be done before its result is waited for. Another search may be started once it is.
   *
   * @param rows [count, dimension]
   * @param images each [columns, dimension]
   * @returns what waits for the GPU and returns what is known of each image
   */
  async search(
    rows: Float32Array,
    images: readonly Float32Array[],
    dimension: number,
  ): Promise<() => Promise<NearestScreen[]>> {
    const { tileColumns } = this.#tiles;
    const stride = rows.length / dimension;
    const tileCounts = images.map(({ length }) =>
      Math.ceil(length / dimension / tileColumns)
    );
    const screens = tileCounts.map((tiles): NearestScreen => ({
      entries: new Float32Array(tiles * stride * 4),
      tileColumns,
      stride,
      errorBound: new Float64Array(stride),
    }));
    let collect = (): Promise<void> => Promise.resolve();
    for (const runs of this.#passes(tileCounts)) {
      this.#tiles.clearColumns();
      for (const { image, from, tiles, at } of runs) {
        const size = tileColumns * dimension;
        const columns = images[image].subarray(
          from * size,
          (from + tiles) * size,
        );
        this.#tiles.writeColumns(columns, at);
      }
      for (let top = 0; top < stride; top += this.#tiles.rows) {
        await collect();
        const end = Math.min(top + this.#tiles.rows, stride);
        const some = rows.subarray(top * dimension, end * dimension);
        collect = this.#searchSome(some, top, runs, screens);
      }
    }
    return async () => {
      await collect();
      return screens;
    };
  }

  /** Tiles of images in runs, as many a pass as the tensors hold. */
  #passes(tileCounts: readonly number[]): TileRun[][] {
    const capacity = this.#tiles.columns / this.#tiles.tileColumns;
    const passes: TileRun[][] = [];
    let used = capacity;
    for (const [image, all] of tileCounts.entries()) {
      for (let from = 0; from < all;) {
        if (used === capacity) {
          passes.push([]);
          used = 0;
        }
        const tiles = Math.min(all - from, capacity - used);
        passes.at(-1)!.push({ image, from, tiles, at: used });
        from += tiles;
        used += tiles;
      }
    }
    return passes;
  }

  /** Starts to compare the rows from `top` on with the columns in place; returns what collects the result. */
  #searchSome(
    rows: Float32Array,
    top: number,
    runs: readonly TileRun[],
    screens: readonly NearestScreen[],
  ): () => Promise<void> {
    const errorBound = this.#tiles.errorBound(rows);
    const count = errorBound.length;
    const used = runs.reduce((sum, { tiles }) => sum + tiles, 0);
    this.#tiles.writeRows(rows);
    this.#tiles.record(
      this.#recorder,
      "nearest_rows",
      source,
      this.#entries,
      count,
      used,
    );
    const size = this.#tiles.rows * 4;
    const entries = this.#recorder.submitAndRead(this.#entries, used * size);
    return async () => {
      const found = await entries();
      for (const { image, from, tiles, at } of runs) {
        const screen = screens[image];
        for (let tile = 0; tile < tiles; tile++) {
          const start = (at + tile) * size;
          screen.entries.set(
            found.subarray(start, start + count * 4),
            ((from + tile) * screen.stride + top) * 4,
          );
        }
        // An image that takes several passes is bounded by the worst of them.
        for (let row = 0; row < count; row++) {
          screen.errorBound[top + row] = Math.max(
            screen.errorBound[top + row],
            errorBound[row],
          );
        }
      }
    };
  }

  [Symbol.dispose](): void {
    this.#entries[Symbol.dispose]();
    this.#recorder[Symbol.dispose]();
    this.#tiles[Symbol.dispose]();
  }
}
