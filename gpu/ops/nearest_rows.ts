import type { Gpu } from "../device.ts";
import { Recorder } from "../recorder.ts";
import { RowTiles, type RowTilesOptions } from "../row_tiles.ts";
import { Tensor } from "../tensor.ts";
import source from "../wgsl/nearest_rows.wgsl" with { type: "text" };

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

/**
 * For each row the two smallest scores in every tile of columns, found where the scores are computed: the row × column
 * matrix exists only as sums in registers. For scores and their error see {@link RowTiles}.
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

  /** Rows that {@link NearestRows.search} takes at most. */
  get rows(): number {
    return this.#tiles.rows;
  }

  /**
   * Compares rows with every column of several images.
   *
   * @param rows [count, dimension]
   * @param images each [columns, dimension], any number of columns
   * @returns what is known of each image
   */
  async search(
    rows: Float32Array,
    images: readonly Float32Array[],
    dimension: number,
  ): Promise<NearestScreen[]> {
    const { tileColumns } = this.#tiles;
    const count = rows.length / dimension;
    const stride = Math.min(this.#tiles.rows, count);
    const counts = images.map(({ length }) =>
      Math.ceil(length / dimension / tileColumns)
    );
    this.#tiles.writeRows(rows);
    const screens: NearestScreen[] = images.map((_, i) => ({
      entries: new Float32Array(counts[i] * stride * 4),
      tileColumns,
      stride,
      errorBound: new Float64Array(count),
    }));
    // Runs of tiles, of as many images as the tensors hold at once.
    const capacity = this.#tiles.columns / tileColumns;
    let runs: { image: number; from: number; tiles: number; at: number }[] = [];
    let used = 0;
    const flush = async () => {
      if (used === 0) return;
      this.#tiles.clearColumns();
      for (const { image, from, tiles, at } of runs) {
        const size = tileColumns * dimension;
        const columns = images[image].subarray(
          from * size,
          (from + tiles) * size,
        );
        this.#tiles.writeColumns(columns, at);
      }
      this.#tiles.record(
        this.#recorder,
        "nearestRows",
        source,
        this.#entries,
        count,
        used,
      );
      this.#recorder.submit();
      const found = await this.#entries.readFloats(
        0,
        used * this.#tiles.rows * 4,
      );
      const bound = this.#tiles.errorBound(rows);
      for (const { image, from, tiles, at } of runs) {
        const screen = screens[image];
        for (let tile = 0; tile < tiles; tile++) {
          const start = (at + tile) * this.#tiles.rows * 4;
          screen.entries.set(
            found.subarray(start, start + stride * 4),
            (from + tile) * stride * 4,
          );
        }
        for (let row = 0; row < count; row++) {
          screen.errorBound[row] = Math.max(screen.errorBound[row], bound[row]);
        }
      }
      runs = [];
      used = 0;
    };
    for (const [image, all] of counts.entries()) {
      for (let from = 0; from < all;) {
        const tiles = Math.min(all - from, capacity - used);
        runs.push({ image, from, tiles, at: used });
        from += tiles;
        used += tiles;
        if (used === capacity) await flush();
      }
    }
    await flush();
    return screens;
  }

  [Symbol.dispose](): void {
    this.#entries[Symbol.dispose]();
    this.#recorder[Symbol.dispose]();
    this.#tiles[Symbol.dispose]();
  }
}
