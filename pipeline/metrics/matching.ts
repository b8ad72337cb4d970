import { trapezoidAveragePrecision } from "./average_precision.ts";
import { type DescriptorRows, distanceTile, type Norm } from "./distance.ts";
import type { Figure } from "./figure.ts";

/** Rows of the reference and of the other image that one distance tile covers: 256 KiB of float64. */
const tileRows = 32;
const tileColumns = 1024;

/** The nearest row for each reference row. */
export interface NearestRows {
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
 * Nearest neighbour of every reference row among the other image's rows, by exhaustive search in tiles.
 *
 * @param reference [n, dimension]
 * @param other [m, dimension], row i being the same patch as row i of the reference
 * @throws RangeError when the dimensions differ or `other` has no row
 */
export function nearestRows(
  reference: DescriptorRows,
  other: DescriptorRows,
  norm: Norm,
): NearestRows {
  if (
    reference.dimension !== other.dimension || other.values.length === 0
  ) {
    throw new RangeError(
      `${reference.values.length} values of dimension ${reference.dimension} and ${other.values.length} of ${other.dimension}`,
    );
  }
  const rows = reference.values.length / reference.dimension;
  const columns = other.values.length / other.dimension;
  const nearest = {
    distance: new Float64Array(rows).fill(Infinity),
    correct: new Uint8Array(rows),
    ownIsNearest: new Uint8Array(rows),
    tied: new Uint8Array(rows),
  };
  const tile = new Float64Array(tileRows * tileColumns);
  for (let top = 0; top < rows; top += tileRows) {
    const height = Math.min(tileRows, rows - top);
    for (let left = 0; left < columns; left += tileColumns) {
      const width = Math.min(tileColumns, columns - left);
      distanceTile(reference, top, height, other, left, width, norm, tile);
      for (let i = 0; i < height; i++) {
        mergeMinimum(tile, i * width, width, left, top + i, nearest);
      }
    }
  }
  return nearest;
}

/** Folds one tile row, whose first entry is column `left`, into the minimum of row `row`. */
function mergeMinimum(
  tile: Float64Array,
  offset: number,
  width: number,
  left: number,
  row: number,
  nearest: NearestRows,
): void {
  let minimum = nearest.distance[row];
  let correct = nearest.correct[row];
  let own = nearest.ownIsNearest[row];
  let tied = nearest.tied[row];
  for (let j = 0; j < width; j++) {
    const distance = tile[offset + j];
    if (distance > minimum) continue;
    const isOwn = left + j === row ? 1 : 0;
    if (distance < minimum) {
      minimum = distance;
      correct = isOwn;
      own = isOwn;
      tied = 0;
    } else {
      own |= isOwn;
      tied = 1;
    }
  }
  nearest.distance[row] = minimum;
  nearest.correct[row] = correct;
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
