import type { Config } from "../config.ts";
import { countSteps, oneCycle } from "../schedule.ts";
import type { Json, Stage } from "../stage.ts";
import { train } from "../training.ts";
import type { TrainingPlan } from "../training_plan.ts";

/**
 * Preliminary training: the weighted balance loss with the network's own inference mode as teacher, one cycle of Adam.
 * Writes `model.safetensors` and `metrics.jsonl`. Source: the paper's first stage; the authors' `ftrain.py`.
 */
export const stage1: Stage = {
  name: "stage1",
  summary: "preliminary training with example difficulty balancing",
  module: new URL(import.meta.url),
  inputs: () => [{ stage: "download", paths: ["training", "test"] }],
  parameters,
  externalFiles: (config) => Promise.resolve(checkpointsOf(config)),
  usesGpu: () => true,
  run: (context) => train(context, planOf(context.config)),
};

function checkpointsOf({ stage1 }: Config): string[] {
  return [
    ...(stage1.resume === "" ? [] : [stage1.resume]),
    ...(needsTeacher(stage1) && stage1.teacher !== "self"
      ? [stage1.teacher]
      : []),
  ];
}

function needsTeacher({ loss }: Config["stage1"]): boolean {
  return loss === "ExpTeacher" || loss === "tripletTeacher";
}

/** The keys that steer training; how often to save and to log, and the test's batch, change no byte of the model. */
function parameters({ seed, stage1 }: Config): Record<string, Json> {
  const {
    save_every_steps: _save,
    log_every_steps: _log,
    test_batch_size: _test,
    resume: _resume,
    teacher,
    ...steering
  } = stage1;
  return {
    ...steering,
    seed,
    teacher: teacher === "self" ? "self" : "checkpoint",
  };
}

function planOf({ stage1 }: Config): TrainingPlan {
  const { stepsPerEpoch, steps } = countSteps(stage1);
  return {
    stage: 1,
    cycles: [{
      batchSize: stage1.batch_size,
      steps,
      stepsPerEpoch,
      rates: (step) => oneCycle(step, steps, stage1.lr),
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
    weightDecay: stage1.wd,
    dropoutRate: stage1.dropout,
    flipRotate: stage1.flip_rotate,
    ...(stage1.resume === "" ? {} : { initialPath: stage1.resume }),
    ...(needsTeacher(stage1) ? { teacher: stage1.teacher } : {}),
    saveEverySteps: stage1.save_every_steps,
    logEverySteps: stage1.log_every_steps,
    saveCycles: false,
    histograms: stage1.all_info,
  };
}
