import { type Tensor, zeros } from "../tensor.ts";
import {
  addDistanceGradient,
  distance,
  hardestNegatives,
  type PairedLoss,
} from "./paired_views.ts";
import { addSecondOrder } from "./second_order.ts";

/** SOSNet: Σ over classes of max(0, margin + p − n)², plus the second-order term. */
export function sosNetLoss(rows: Tensor, margin: number): PairedLoss {
  const negatives = hardestNegatives(rows);
  const gradient = zeros(...rows.shape);
  const weights = negatives.map(() => 0);
  let loss = addSecondOrder(rows, gradient);
  negatives.forEach((negative, c) => {
    if (negative === undefined) return;
    const positive: [number, number] = [2 * c, 2 * c + 1];
    const violation = margin + distance(rows, ...positive) -
      distance(rows, ...negative);
    if (violation <= 0) return;
    weights[c] = 1;
    loss += violation ** 2;
    addDistanceGradient(gradient, rows, positive, 2 * violation);
    addDistanceGradient(gradient, rows, negative, -2 * violation);
  });
  return { loss, gradient, negatives, weights };
}
