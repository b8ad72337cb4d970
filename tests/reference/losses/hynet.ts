import { type Tensor, zeros } from "../tensor.ts";
import {
  addDistanceGradient,
  distance,
  hardestNegatives,
  type PairedLoss,
} from "./paired_views.ts";
import { addSecondOrder } from "./second_order.ts";

const alpha = 2;

/** A loss that depends on the rows' lengths before they were normalised as well. */
export interface NormedLoss extends PairedLoss {
  /** with respect to each row's length */
  normGradient: number[];
}

/**
 * HyNet: Σ over classes of max(0, margin + s(p) − s(n)) + 0.1·(‖L‖ − ‖R‖)², s(d) = d + α·d²/2 with α = 2 and
 * ‖·‖ = √(length² + 1e-6) of the rows before they were normalised; plus the second-order term if wanted.
 *
 * @param norms each row's length before it was normalised
 */
export function hyNetLoss(
  rows: Tensor,
  norms: ArrayLike<number>,
  { margin, secondOrder }: { margin: number; secondOrder: boolean },
): NormedLoss {
  const negatives = hardestNegatives(rows);
  const gradient = zeros(...rows.shape);
  const weights = negatives.map(() => 0);
  const normGradient = Array.from(norms, () => 0);
  const hybrid = (d: number) => d + alpha * d ** 2 / 2;
  let loss = secondOrder ? addSecondOrder(rows, gradient) : 0;
  negatives.forEach((negative, c) => {
    const [left, right] = [2 * c, 2 * c + 1];
    const lengthOf = (row: number) => Math.sqrt(norms[row] ** 2 + 1e-6);
    const apart = lengthOf(left) - lengthOf(right);
    loss += 0.1 * apart ** 2;
    normGradient[left] = 0.2 * apart * norms[left] / lengthOf(left);
    normGradient[right] = -0.2 * apart * norms[right] / lengthOf(right);
    if (negative === undefined) return;
    const p = distance(rows, left, right);
    const n = distance(rows, ...negative);
    const violation = margin + hybrid(p) - hybrid(n);
    if (violation <= 0) return;
    weights[c] = 1;
    loss += violation;
    addDistanceGradient(gradient, rows, [left, right], 1 + alpha * p);
    addDistanceGradient(gradient, rows, negative, -1 - alpha * n);
  });
  return { loss, gradient, negatives, weights, normGradient };
}
