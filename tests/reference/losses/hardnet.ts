import { type Tensor, zeros } from "../tensor.ts";
import {
  addDistanceGradient,
  distance,
  hardestNegatives,
  type PairedLoss,
} from "./paired_views.ts";

/** HardNet: mean over classes of max(0, margin + p − n), n by the other view or by all of them. */
export function hardNetLoss(
  rows: Tensor,
  { margin, otherView }: { margin: number; otherView: boolean },
): PairedLoss {
  const negatives = hardestNegatives(rows, { otherView });
  const classes = negatives.length;
  const gradient = zeros(...rows.shape);
  const weights = new Array<number>(classes).fill(0);
  let loss = 0;
  negatives.forEach((negative, c) => {
    if (negative === undefined) return;
    const positive: [number, number] = [2 * c, 2 * c + 1];
    const violation = margin + distance(rows, ...positive) -
      distance(rows, ...negative);
    if (violation <= 0) return;
    weights[c] = 1;
    loss += violation / classes;
    addDistanceGradient(gradient, rows, positive, 1 / classes);
    addDistanceGradient(gradient, rows, negative, -1 / classes);
  });
  return { loss, gradient, negatives, weights };
}
