import { losses } from "../../gpu/mod.ts";
import type { Config } from "../config.ts";
import { countSteps, schedules } from "./schedule.ts";
import type { TrainingPlan } from "./plan.ts";

/** Whether the loss of a config's stage 1 asks a teacher. */
export function needsTeacher({ loss }: Config["stage1"]): boolean {
  return losses[loss].needsTeacher;
}

/** Everything that preliminary training decides: one run of steps under a schedule. */
export function stage1Plan({ stage1, gpu }: Config): TrainingPlan {
  const { stepsPerEpoch, steps } = countSteps(stage1);
  return {
    stage: 1,
    network: stage1.arch,
    cycles: [{
      batchSize: stage1.batch_size,
      steps,
      stepsPerEpoch,
      rates: (step) =>
        schedules[stage1.schedule](step, steps, stage1.lr, stage1.momentum),
      loss: {
        kind: stage1.loss,
        R: stage1.R,
        B: stage1.B,
        A: stage1.A,
        useStB: stage1.use_stB,
        threshold: stage1.threshold,
        upper: stage1.upper,
        marginpos: stage1.marginpos,
        negNum: stage1.neg_num,
      },
    }],
    positives: stage1.Npos,
    optimizer: stage1.optimizer,
    weightDecay: stage1.wd,
    dropoutRate: stage1.dropout,
    flipRotate: stage1.flip_rotate,
    activations: gpu.activations,
    ...(stage1.resume === "" ? {} : { initialPath: stage1.resume }),
    ...(needsTeacher(stage1) ? { teacher: stage1.teacher } : {}),
    saveEverySteps: stage1.save_every_steps,
    logEverySteps: stage1.log_every_steps,
    saveCycles: false,
    histograms: stage1.all_info,
  };
}
