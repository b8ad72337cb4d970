import { PipelineError } from "./errors.ts";
import type { Position } from "./training_checkpoint.ts";

/**
 * The error with which a training run stops at a step: a loss that is not a number, or a device that failed
 * (`cause`). It names the step and the last good checkpoint.
 */
export function trainingStopped(
  stage: number,
  position: Position,
  saved: Position | undefined,
  scratchDirectory: string,
  cause: unknown,
): PipelineError {
  const lastGood = saved === undefined
    ? "there is no checkpoint yet, so the stage starts over"
    : `the last good checkpoint is step ${saved.total} in ${scratchDirectory}, where the same command goes on`;
  const where = `stage${stage} step ${position.total}`;
  if (cause === undefined) {
    return new PipelineError({
      attempt: "train",
      where,
      found: "a loss that is not a finite number",
      wanted: "a finite one",
      remedy: `lower lr (or look at metrics.jsonl); ${lastGood}`,
    });
  }
  return new PipelineError({
    attempt: "train",
    where,
    found: cause instanceof Error ? cause.message : String(cause),
    wanted: "a working GPU",
    remedy: lastGood,
  }, { cause });
}
