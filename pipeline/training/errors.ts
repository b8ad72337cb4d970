import { join } from "@std/path";
import { PipelineError } from "../errors.ts";
import type { Position } from "./checkpoint.ts";

/** Where a training run stood when something went wrong. */
export interface TrainingPlace {
  stage: number;
  position: Position;
  /** the position of the last checkpoint; undefined when there is none yet */
  saved: Position | undefined;
  /** where checkpoint and metrics are */
  scratchDirectory: string;
}

/** The error with which a training run stops at a step after which `what` (the loss, …) is not a finite number. */
export function notFinite(place: TrainingPlace, what: string): PipelineError {
  return new PipelineError({
    attempt: "train",
    where: whereOf(place),
    found: `${what} not finite`,
    wanted: "finite numbers",
    remedy: `lower lr, or look at ${
      join(place.scratchDirectory, "metrics.jsonl")
    }; ${lastGood(place)}`,
  });
}

/** The error with which a training run stops at a step in which the device failed. */
export function deviceFailed(
  place: TrainingPlace,
  cause: Error,
): PipelineError {
  return new PipelineError({
    attempt: "train",
    where: whereOf(place),
    found: cause.message,
    wanted: "a working GPU",
    remedy: `${lastGood(place)}, from which the same command goes on`,
  }, { cause });
}

function whereOf({ stage, position }: TrainingPlace): string {
  return `stage${stage} step ${position.total}`;
}

function lastGood({ saved, scratchDirectory }: TrainingPlace): string {
  return saved === undefined
    ? "the last good checkpoint is the start"
    : `the last good checkpoint is that of step ${saved.total} in ${scratchDirectory}`;
}
