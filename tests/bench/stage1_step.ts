import type { StepOptions } from "../../gpu/mod.ts";
import { stage1 } from "../helpers/gpu/descriptor_loss.ts";
import { stepOptions } from "../helpers/gpu/training_batch.ts";

/** The authors' stage-1 settings for step number `step`, at a learning rate that keeps made-up patches from diverging. */
export function stage1Step(step: number): StepOptions {
  return stepOptions(step, { loss: stage1, learningRate: 1e-4 });
}
