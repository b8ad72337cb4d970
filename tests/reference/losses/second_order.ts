import type { Tensor } from "../tensor.ts";
import {
  addDistanceGradient,
  distance,
  samePatchDistance,
} from "./paired_views.ts";

const neighbourCount = 8;

/**
 * Which classes are neighbours, [N·N]: j of i where j is among the eight nearest negatives of i in LL, RR, LR or LR's columns, or i
 * among those of j. Fewer than eight where a class has no more; the first of equals.
 */
export function neighbours(rows: Tensor): Uint8Array {
  const classes = rows.shape[0] / 2;
  const chosen = new Uint8Array(classes * classes);
  for (const [own, others] of [[0, 0], [1, 1], [0, 1], [1, 0]]) {
    for (let i = 0; i < classes; i++) {
      const nearest = Array.from({ length: classes }, (_, j) => ({
        j,
        between: distance(rows, 2 * i + own, 2 * j + others),
      })).filter(({ j, between }) => j !== i && between > samePatchDistance)
        .sort((a, b) => a.between - b.between || a.j - b.j)
        .slice(0, neighbourCount);
      for (const { j } of nearest) {
        chosen[i * classes + j] = 1;
        chosen[j * classes + i] = 1;
      }
    }
  }
  return chosen;
}

/** Σ over classes of √(Σ over neighbours of (LL − RR)² + 1e-6), adding its gradient. */
export function addSecondOrder(rows: Tensor, gradient: Tensor): number {
  const classes = rows.shape[0] / 2;
  const chosen = neighbours(rows);
  let loss = 0;
  for (let i = 0; i < classes; i++) {
    const difference = (j: number) =>
      distance(rows, 2 * i, 2 * j) - distance(rows, 2 * i + 1, 2 * j + 1);
    const own = Array.from({ length: classes }, (_, j) => j)
      .filter((j) => chosen[i * classes + j]);
    const root = Math.sqrt(
      own.reduce((sum, j) => sum + difference(j) ** 2, 1e-6),
    );
    loss += root;
    for (const j of own) {
      const factor = difference(j) / root;
      addDistanceGradient(gradient, rows, [2 * i, 2 * j], factor);
      addDistanceGradient(gradient, rows, [2 * i + 1, 2 * j + 1], -factor);
    }
  }
  return loss;
}
