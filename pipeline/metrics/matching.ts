import { trapezoidAveragePrecision } from "./average_precision.ts";
import {
  type DescriptorRows,
  distanceTile,
  type Norm,
  pairDistance,
} from "./distance.ts";
import type { Figure } from "./figure.ts";

/** The nearest row for each reference row. */
export interface NearestRows {
  /** [rows] index of the nearest, the first of equals */
  index: Uint32Array;
  /** [rows] distance to the nearest (the square for L2) */
  distance: Float64Array;
  /** [rows] 1 when the nearest, the first of equals, has the row's own index */
  correct: Uint8Array;
  /** [rows] 1 when the row of the same index is as near as the nearest */
  ownIsNearest: Uint8Array;
  /** [rows] 1 when more than one row is nearest */
  tied: Uint8Array;
}

/**
 * What scores of lower precision, growing with the distance, say about where each row's nearest may be.
 *
 * A score is off by at most the row's error bound, so the nearest is among the columns whose score exceeds the smallest by no
 * more than twice the bound.
 */
export interface NearestScreen {
  /**
   * [tiles, stride, 4]: of each tile's columns and each row the smallest score, the second smallest (the same when two
   * tie), the column within the tile, unused
   */
  entries: Float32Array;
  tileColumns: number;
  /** rows from one tile's entries to the next's, at least the rows */
  stride: number;
  /** [rows]; Infinity where nothing is known */
  errorBound: Float64Array;
}

/**
 * Nearest neighbour of every reference row among the other image's rows. Distances are those of {@linkcode distanceTile},
 * float64; a screen only saves those that cannot be the smallest, so the result is the same with and without.
 *
 * @param reference [n, dimension]
 * @param other [m, dimension], row i being the same patch as row i of the reference
 * @param screen default: every column may be the nearest
 * @throws {RangeError} when the dimensions differ or `other` has no row
 */
export function nearestRows(
  reference: DescriptorRows,
  other: DescriptorRows,
  norm: Norm,
  screen?: NearestScreen,
): NearestRows {
  const { dimension } = reference;
  if (dimension !== other.dimension || other.values.length === 0) {
    throw new RangeError(
      `${reference.values.length} values of dimension ${dimension} and ${other.values.length} of ${other.dimension}`,
    );
  }
  const search = new NearestSearch(reference, other, norm);
  if (screen === undefined) search.allRows();
  else search.screenedRows(screen);
  return search.nearest;
}

/** Rows of the reference and of the other image that one distance tile covers: 256 KiB of float64. */
const tileRows = 32;
const tileColumns = 1024;

class NearestSearch {
  readonly nearest: NearestRows;
  readonly #reference: DescriptorRows;
  readonly #other: DescriptorRows;
  readonly #norm: Norm;
  readonly #rows: number;
  readonly #columns: number;
  readonly #tile = new Float64Array(tileRows * tileColumns);

  constructor(reference: DescriptorRows, other: DescriptorRows, norm: Norm) {
    this.#reference = reference;
    this.#other = other;
    this.#norm = norm;
    this.#rows = reference.values.length / reference.dimension;
    this.#columns = other.values.length / other.dimension;
    this.nearest = {
      index: new Uint32Array(this.#rows),
      distance: new Float64Array(this.#rows).fill(Infinity),
      correct: new Uint8Array(this.#rows),
      ownIsNearest: new Uint8Array(this.#rows),
      tied: new Uint8Array(this.#rows),
    };
  }

  allRows(): void {
    for (let top = 0; top < this.#rows; top += tileRows) {
      const height = Math.min(tileRows, this.#rows - top);
      this.#mergeBlock(top, height, 0, this.#columns);
    }
  }

  screenedRows(screen: NearestScreen): void {
    const { entries, stride, errorBound } = screen;
    const tiles = Math.ceil(this.#columns / screen.tileColumns);
    for (let row = 0; row < this.#rows; row++) {
      let smallest = Infinity;
      for (let tile = 0; tile < tiles; tile++) {
        const score = entries[(tile * stride + row) * 4];
        if (score < smallest) smallest = score;
      }
      const limit = smallest + 2 * errorBound[row];
      if (!(limit < Infinity)) {
        this.#mergeBlock(row, 1, 0, this.#columns);
        continue;
      }
      for (let tile = 0; tile < tiles; tile++) {
        const at = (tile * stride + row) * 4;
        if (entries[at] > limit) continue;
        const first = tile * screen.tileColumns;
        if (entries[at + 1] > limit) {
          this.#mergeColumn(row, first + entries[at + 2]);
        } else {
          const end = Math.min(first + screen.tileColumns, this.#columns);
          this.#mergeBlock(row, 1, first, end);
        }
      }
    }
  }

  #mergeColumn(row: number, column: number): void {
    this.#tile[0] = pairDistance(
      this.#reference,
      row,
      this.#other,
      column,
      this.#norm,
    );
    mergeMinimum(this.#tile, 0, 1, column, row, this.nearest);
  }

  #mergeBlock(
    top: number,
    height: number,
    firstColumn: number,
    end: number,
  ): void {
    for (let left = firstColumn; left < end; left += tileColumns) {
      const width = Math.min(tileColumns, end - left);
      distanceTile(
        this.#reference,
        top,
        height,
        this.#other,
        left,
        width,
        this.#norm,
        this.#tile,
      );
      for (let i = 0; i < height; i++) {
        mergeMinimum(
          this.#tile,
          i * width,
          width,
          left,
          top + i,
          this.nearest,
        );
      }
    }
  }
}

/** Folds one tile row, whose first entry is column `left`, into the minimum of row `row`; columns come in ascending order. */
function mergeMinimum(
  tile: Float64Array,
  offset: number,
  width: number,
  left: number,
  row: number,
  nearest: NearestRows,
): void {
  let minimum = nearest.distance[row];
  let index = nearest.index[row];
  let own = nearest.ownIsNearest[row];
  let tied = nearest.tied[row];
  for (let j = 0; j < width; j++) {
    const distance = tile[offset + j];
    if (distance > minimum) continue;
    const isOwn = left + j === row ? 1 : 0;
    if (distance < minimum) {
      minimum = distance;
      index = left + j;
      own = isOwn;
      tied = 0;
    } else {
      own |= isOwn;
      tied = 1;
    }
  }
  nearest.distance[row] = minimum;
  nearest.index[row] = index;
  nearest.correct[row] = index === row ? 1 : 0;
  nearest.ownIsNearest[row] = own;
  nearest.tied[row] = tied;
}

/**
 * HPatches image matching for one pair of images: every reference descriptor is matched to its nearest neighbour,
 * correct when that has the same index; average precision (trapezoid) over the matches by ascending distance, with all n
 * patches as the positives, so that wrong matches are positives never retrieved.
 *
 * `low` and `high` also range over which of several equally near neighbours is taken (the protocol: the first).
 *
 * @param nearest of the n rows of the reference image
 */
export function matchingFigure(
  { distance, correct, ownIsNearest, tied }: NearestRows,
): Figure {
  const rows = correct.length;
  const figure = trapezoidAveragePrecision(distance, correct, rows);
  if (!tied.includes(1)) return figure;
  const surelyCorrect = ownIsNearest.map((own, i) => own & (1 - tied[i]));
  return {
    value: figure.value,
    low: trapezoidAveragePrecision(distance, surelyCorrect, rows).low,
    high: trapezoidAveragePrecision(distance, ownIsNearest, rows).high,
  };
}
