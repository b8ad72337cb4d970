import { addPairGradient, pairDistance } from "../descriptor_pair.ts";
import type { Tensor } from "../tensor.ts";

/** Rows of different classes nearer than this are the same patch. */
export const samePatchDistance = 0.008;

const squareEpsilon = 1e-6;

/** A loss of classes of two views with its gradient; row 2i is class i's left view, row 2i + 1 its right one. */
export interface PairedLoss {
  loss: number;
  /** with respect to the descriptors [2N, D] */
  gradient: Tensor;
  /** [row of the class, row of another class] of each class's hardest negative pair; absent where there is none */
  negatives: ([number, number] | undefined)[];
  /** what each class's pairs count */
  weights: number[];
}

/** √(‖x_i − x_j‖² + 1e-6), which for unit rows is √(2·(1 − ⟨x_i, x_j⟩) + 1e-6). */
export function distance(rows: Tensor, first: number, second: number): number {
  return Math.sqrt(pairDistance(rows, [first, second]) ** 2 + squareEpsilon);
}

/** Adds factor·∂{@linkcode distance} to the gradient. */
export function addDistanceGradient(
  gradient: Tensor,
  rows: Tensor,
  [first, second]: [number, number],
  factor: number,
): void {
  const length = pairDistance(rows, [first, second]);
  const slope = length / Math.sqrt(length ** 2 + squareEpsilon);
  addPairGradient(gradient, rows, [first, second], factor * slope);
}

/**
 * Each class's hardest negative pair: of its rows and all rows of other classes, or those of the other view only, the nearest
 * that are farther apart than `beyond`. The first wins a tie.
 */
export function hardestNegatives(
  rows: Tensor,
  { otherView = false, beyond = samePatchDistance } = {},
): ([number, number] | undefined)[] {
  const classes = rows.shape[0] / 2;
  return Array.from({ length: classes }, (_, c) => {
    let best: [number, number] | undefined;
    let least = Infinity;
    for (const row of [2 * c, 2 * c + 1]) {
      for (let other = 0; other < 2 * classes; other++) {
        if (Math.floor(other / 2) === c) continue;
        if (otherView && other % 2 === row % 2) continue;
        const between = distance(rows, row, other);
        if (between > beyond && between < least) {
          least = between;
          best = [row, other];
        }
      }
    }
    return best;
  });
}
