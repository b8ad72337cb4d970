import type { Config } from "../config.ts";

/** One rung of the annealing ladder. */
export interface AnnealingCycle {
  /** Distinct labels in a batch. */
  batchSize: number;
  learningRate: number;
  /** Pairs whose b − a is not above it are left out. */
  threshold: number;
  steps: number;
}

/**
 * The cycles c = 0, 1, … of stage 2: batch = batch_size − batch_step·(c+1) down to final_batch_size,
 * rate = lr·lr_factor^c, threshold + threshold_step·c, epochs·bsNum steps each.
 *
 * Source: the authors' `run_AT`: 15 cycles of 1,400 steps, batches 2816 … 1024.
 */
export function annealingCycles(stage2: Config["stage2"]): AnnealingCycle[] {
  const { batch_size, batch_step, final_batch_size } = stage2;
  const count = Math.floor((batch_size - final_batch_size) / batch_step);
  return Array.from({ length: count }, (_, c) => ({
    batchSize: batch_size - batch_step * (c + 1),
    learningRate: stage2.lr * stage2.lr_factor ** c,
    threshold: stage2.threshold + stage2.threshold_step * c,
    steps: stage2.epochs * stage2.bsNum,
  }));
}
