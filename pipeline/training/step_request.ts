import type { StepOptions } from "../../gpu/mod.ts";
import type { BatchRequest } from "./batches/batch_request.ts";
import type { TrainingPlan } from "./plan.ts";

/** Number of a step's epoch within its cycle, from 0. */
export function epochOf(
  plan: TrainingPlan,
  cycle: number,
  step: number,
): number {
  return Math.floor(step / plan.cycles[cycle].stepsPerEpoch);
}

/** The batch of a cycle's step. */
export function batchOf(
  plan: TrainingPlan,
  seed: number,
  cycle: number,
  step: number,
): BatchRequest {
  const { stage, positives, flipRotate } = plan;
  const { batchSize, stepsPerEpoch } = plan.cycles[cycle];
  return {
    key: { seed, stage, cycle, step },
    // One number per (stage, cycle, epoch).
    epoch: (stage * 1024 + cycle) * 65536 + epochOf(plan, cycle, step),
    step: step % stepsPerEpoch,
    batchSize,
    positives,
    flipRotate,
  };
}

/** What a cycle's step does with its batch. */
export function stepOptions(
  plan: TrainingPlan,
  seed: number,
  cycle: number,
  step: number,
): StepOptions {
  const { stage, dropoutRate, optimizer, weightDecay } = plan;
  const { loss, steps, rates } = plan.cycles[cycle];
  return {
    key: { seed, stage, cycle, step },
    dropoutRate,
    loss,
    progress: step / steps,
    ...rates(step),
    optimizer,
    weightDecay,
  };
}
