import type { ActivationType } from "../../gpu/activation.ts";
import type { Gpu } from "../../gpu/device.ts";
import type { StepOptions } from "../../gpu/mod.ts";
import type { NetworkState } from "../../gpu/nn/network_state.ts";
import { sdgmnet128 } from "../../gpu/nn/sdgmnet128.ts";
import { Trainer } from "../../gpu/nn/training/trainer.ts";
import { stage1 } from "../helpers/gpu/descriptor_loss.ts";
import { stepOptions } from "../helpers/gpu/training_batch.ts";

/** Views of a class in a measured batch. */
export const views = 3;

/** The authors' stage-1 settings for step number `step`, at a learning rate that keeps made-up patches from diverging. */
export function stage1Step(step: number): StepOptions {
  return stepOptions(step, { loss: stage1, learningRate: 1e-4 });
}

/** What trains `sdgmnet128` as stage 1 does, on batches of so many classes with {@linkcode views} patches each. */
export function stage1Trainer(
  gpu: Gpu,
  initial: NetworkState,
  classes: number,
  activations: ActivationType = "f32",
): Trainer {
  return new Trainer(gpu, {
    architecture: sdgmnet128,
    initial,
    teacher: "self",
    samples: classes * views,
    classes,
    activations,
  });
}
