import type { Config } from "./types.ts";

/** The labels in the largest batch of training, and the stage that it belongs to. */
export function largestBatch(
  { stage1, stage2 }: Pick<Config, "stage1" | "stage2">,
): { labels: number; stage: "stage1" | "stage2" } {
  const annealing = stage2.batch_size - stage2.batch_step;
  return stage2.enabled && annealing > stage1.batch_size
    ? { labels: annealing, stage: "stage2" }
    : { labels: stage1.batch_size, stage: "stage1" };
}
