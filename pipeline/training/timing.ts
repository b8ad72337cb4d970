import type { LoadingTimes } from "./batches/batch_loader.ts";

/**
 * How the time of a training stage's steps was spent, as far as this process did them. Times differ from run to run, so they
 * stand beside the results, in the provenance, and not in `metrics.jsonl`, whose bytes are a function of the stage's key.
 */
export type TrainingTiming = {
  /** steps done by this process */
  steps: number;
  /** what they took, tests and checkpoints left out */
  step_seconds: number;
  /** what the loader's thread spent on batches: drawing and reading them, and drawing what their patches undergo */
  input_seconds: number;
  /** what steps waited for their batches */
  input_wait_seconds: number;
  /** input_wait_seconds / step_seconds */
  input_wait_share: number;
};

/** Adds up the times of training steps. */
export class StepClock {
  #steps = 0;
  #stepMs = 0;
  #loadedMs = 0;
  #waitedMs = 0;

  /** Counts a step that took so long. */
  step(timeMs: number): void {
    this.#steps++;
    this.#stepMs += timeMs;
  }

  /** Adds what a loader has cost in its whole life. */
  loading({ loadedMs, waitedMs }: LoadingTimes): void {
    this.#loadedMs += loadedMs;
    this.#waitedMs += waitedMs;
  }

  /** The sums, in seconds. */
  timing(): TrainingTiming {
    return {
      steps: this.#steps,
      step_seconds: this.#stepMs / 1000,
      input_seconds: this.#loadedMs / 1000,
      input_wait_seconds: this.#waitedMs / 1000,
      input_wait_share: this.#stepMs > 0 ? this.#waitedMs / this.#stepMs : 0,
    };
  }
}

/** Waiting that takes a smaller share of the time is not worth a line. */
const tellingShare = 0.01;

/** What a user should know of it; undefined when hardly any time went into waiting. */
export function waitingNote(
  { input_wait_share: share }: Pick<TrainingTiming, "input_wait_share">,
): string | undefined {
  return share < tellingShare
    ? undefined
    : `${
      Math.round(100 * share)
    } % of the steps' time went into waiting for input`;
}
