import type { Config } from "../config.ts";
import { needsTeacher, stage1Plan } from "../training/stage1_plan.ts";
import type { Json } from "../files/json.ts";
import type { Stage } from "../stage.ts";
import { eventFileName, metricsFileName } from "../training/metrics.ts";
import { train } from "../training/train.ts";
import { rounding } from "../training/plan.ts";

/**
 * Preliminary training: the weighted balance loss with the network's own inference mode as teacher, one cycle of Adam.
 * Writes `model.safetensors` and `metrics.jsonl`. Source: the paper's first stage; the authors' `ftrain.py`.
 */
export const stage1: Stage = {
  name: "stage1",
  summary: "preliminary training with example difficulty balancing",
  module: new URL(import.meta.url),
  outputs: () => ["model.safetensors", metricsFileName, eventFileName],
  inputs: () => [{ stage: "download", paths: ["training", "test"] }],
  parameters,
  externalFiles: (config) => Promise.resolve(checkpointsOf(config)),
  usesGpu: () => true,
  run: (context) => train(context, stage1Plan(context.config)),
};

function checkpointsOf({ stage1 }: Config): string[] {
  return [
    ...(stage1.resume === "" ? [] : [stage1.resume]),
    ...(needsTeacher(stage1) && stage1.teacher !== "self"
      ? [stage1.teacher]
      : []),
  ];
}

/** The keys that steer training; how often to save and to log, and the test's batch, change no byte of the model. */
function parameters({ seed, stage1, gpu }: Config): Record<string, Json> {
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
    ...rounding(gpu),
  };
}
