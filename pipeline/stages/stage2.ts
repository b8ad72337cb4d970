import { join } from "@std/path";
import { annealingCycles } from "../training/annealing.ts";
import type { Config } from "../config.ts";
import { flatCosine } from "../training/schedule.ts";
import type { Json } from "../files/json.ts";
import type { Stage, StageContext } from "../stage.ts";
import { eventFileName, metricsFileName } from "../training/metrics.ts";
import { cycleFile } from "../training/start.ts";
import { train } from "../training/train.ts";
import { rounding, type TrainingPlan } from "../training/plan.ts";

/**
 * Annealing training: cycles of ever smaller batches, rates and ever easier triplets, each with a fresh optimizer.
 * Writes `model.safetensors`, one `cycle_NN.safetensors` a cycle and `metrics.jsonl`. Source: the paper's second stage;
 * the authors' `run_AT`.
 */
export const stage2: Stage = {
  name: "stage2",
  summary: "annealing on ever easier triplets",
  module: new URL(import.meta.url),
  enabled: (config) => config.stage2.enabled,
  outputs: ({ stage2 }) => [
    "model.safetensors",
    metricsFileName,
    eventFileName,
    ...annealingCycles(stage2).map((_, cycle) => cycleFile(cycle)),
  ],
  inputs: () => [
    { stage: "download", paths: ["training", "test"] },
    { stage: "stage1", paths: ["model.safetensors"] },
  ],
  parameters,
  usesGpu: () => true,
  run: (context) => train(context, planOf(context)),
};

/** The keys that steer training; how often to save and to log changes no byte, and the authors' loss ignores `range`. */
function parameters({ seed, stage2, gpu }: Config): Record<string, Json> {
  const {
    enabled: _enabled,
    save_every_steps: _save,
    log_every_steps: _log,
    range: _range,
    ...steering
  } = stage2;
  return { ...steering, seed, ...rounding(gpu) };
}

function planOf({ config, input }: StageContext): TrainingPlan {
  const { stage1, stage2, gpu } = config;
  return {
    stage: 2,
    network: stage1.arch,
    cycles: annealingCycles(stage2).map((cycle) => ({
      batchSize: cycle.batchSize,
      steps: cycle.steps,
      stepsPerEpoch: stage2.bsNum,
      rates: (step) => flatCosine(step, cycle.steps, cycle.learningRate),
      loss: {
        kind: stage2.use_finetune ? stage2.loss : "balance",
        R: stage2.R,
        B: stage2.B,
        A: 1,
        useStB: false,
        threshold: cycle.threshold,
        upper: cycle.threshold,
        marginpos: 1,
        negNum: 1,
      },
    })),
    positives: stage2.Npos,
    optimizer: stage2.optimizer,
    weightDecay: stage2.wd,
    dropoutRate: stage2.dropout,
    flipRotate: stage2.flip_rotate,
    activations: gpu.activations,
    initialPath: join(input("stage1"), "model.safetensors"),
    saveEverySteps: stage2.save_every_steps,
    logEverySteps: stage2.log_every_steps,
    saveCycles: true,
    histograms: true,
  };
}
