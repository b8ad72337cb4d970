import { join } from "@std/path";
import {
  BatchSampler,
  PackedPatches,
  readCheckpoint,
  type TensorData,
  writeSafetensors,
} from "../data/mod.ts";
import {
  initialWeights,
  type LossOptions,
  type LossStatistics,
  type NetworkState,
  openGpu,
  Trainer,
} from "../gpu/mod.ts";
import type { StepRates } from "./schedule.ts";
import type { StageContext } from "./stage.ts";
import { measureTestSets } from "./test_measure.ts";
import { MetricsFile } from "./training_metrics.ts";
import {
  type Position,
  readTrainingCheckpoint,
  writeTrainingCheckpoint,
} from "./training_checkpoint.ts";
import { trainingStopped } from "./training_errors.ts";

/** A run of steps under one optimizer state. */
export interface TrainingCycle {
  /** Distinct labels in a batch. */
  batchSize: number;
  steps: number;
  /** After how many steps, and at the end, FPR95 is measured on the test pairs. */
  stepsPerEpoch: number;
  rates(step: number): StepRates;
  loss: LossOptions;
}

/** Everything a training stage decides. */
export interface TrainingPlan {
  /** 1 or 2; part of every random key. */
  stage: number;
  cycles: readonly TrainingCycle[];
  /** Patches of each label in a batch. */
  positives: number;
  weightDecay: number;
  dropoutRate: number;
  flipRotate: boolean;
  /** Checkpoint to start from; absent: the untrained network of the seed. */
  initialPath?: string;
  /** "self" or a checkpoint; absent where the loss needs no teacher. */
  teacher?: string;
  saveEverySteps: number;
  logEverySteps: number;
  /** Whether the model after every cycle is an output of its own. */
  saveCycles: boolean;
  /** Whether the loss's histograms go into the metrics. */
  histograms: boolean;
}

/**
 * Trains from the plan's start to its end and writes `model.safetensors` and `metrics.jsonl`.
 *
 * Batches, augmentation and dropout are pure functions of (seed, stage, cycle, epoch, step), and the state is saved every
 * few steps: after a crash the same call goes on at the last checkpoint and ends with the same bytes.
 *
 * @throws {PipelineError} when the loss stops being a number, naming step and last good checkpoint
 * @throws {GpuError} when the adapter fails
 * @throws the signal's reason when aborted, after saving where it stands
 */
export async function train(
  context: StageContext,
  plan: TrainingPlan,
): Promise<void> {
  const { config, log, signal } = context;
  using patches = await PackedPatches.open(
    join(context.input("download"), "training", "patches.bin"),
  );
  const samplers = plan.cycles.map(({ batchSize }) =>
    new BatchSampler(patches.labels, {
      seed: config.seed,
      batchSize,
      positives: plan.positives,
    })
  );
  const initial = plan.initialPath === undefined
    ? initialWeights(config.seed)
    : await networkState(plan.initialPath);
  const teacher = plan.teacher === undefined || plan.teacher === "self"
    ? plan.teacher
    : await networkState(plan.teacher);
  const { memory_mib: memoryMib } = config.gpu;
  using gpu = await openGpu(memoryMib > 0 ? { memoryMib } : {});
  context.recordAdapter({ ...gpu.adapter });
  const mostClasses = Math.max(...plan.cycles.map((c) => c.batchSize));
  using trainer = new Trainer(gpu, {
    initial,
    samples: mostClasses * Math.max(plan.positives, 2),
    classes: mostClasses,
    ...(teacher === undefined ? {} : { teacher }),
  });

  const start = await readTrainingCheckpoint(context.scratchDirectory, trainer);
  using metrics = await MetricsFile.open(
    join(context.scratchDirectory, "metrics.jsonl"),
    start,
  );
  let saved: Position | undefined = start.total > 0 ? start : undefined;
  const totalSteps = plan.cycles.reduce((sum, { steps }) => sum + steps, 0);
  const progress = log.progress(`stage${plan.stage}`, totalSteps, "steps");
  const position = { ...start };
  progress.update(position.total);

  const save = async () => {
    await writeTrainingCheckpoint(context.scratchDirectory, trainer, position);
    metrics.flush();
    saved = { ...position };
  };
  const stop = (cause: unknown) =>
    trainingStopped(
      plan.stage,
      position,
      saved,
      context.scratchDirectory,
      cause,
    );

  for (; position.cycle < plan.cycles.length; position.cycle++) {
    const { cycle } = position;
    const { steps, stepsPerEpoch, rates, loss } = plan.cycles[cycle];
    if (position.step === 0) trainer.resetOptimizer();
    while (position.step < steps) {
      const { step } = position;
      const epoch = Math.floor(step / stepsPerEpoch);
      const { learningRate, momentum } = rates(step);
      // One number per (stage, cycle, epoch): the sampler's own name for it.
      const round = (plan.stage * 1024 + cycle) * 65536 + epoch;
      const batch = samplers[cycle].batch(round, step % stepsPerEpoch);
      trainer.step({ ...batch, patches: patches.read(batch.patchIndices) }, {
        key: { seed: config.seed, stage: plan.stage, cycle, step },
        flipRotate: plan.flipRotate,
        dropoutRate: plan.dropoutRate,
        loss,
        learningRate,
        momentum,
        weightDecay: plan.weightDecay,
      });
      position.step++;
      position.total++;
      const epochEnds = position.step % stepsPerEpoch === 0;
      const cycleEnds = position.step === steps;
      const saveNow = position.total % plan.saveEverySteps === 0 || cycleEnds;
      if (
        position.total % plan.logEverySteps === 0 || epochEnds || saveNow ||
        signal.aborted
      ) {
        let statistics: LossStatistics;
        try {
          statistics = await trainer.readStatistics();
        } catch (cause) {
          throw stop(cause);
        }
        if (!isSound(statistics)) throw stop(undefined);
        metrics.step({
          cycle,
          epoch,
          step: position.total,
          learningRate,
          momentum,
          statistics,
          histograms: plan.histograms && epochEnds,
        });
        progress.update(position.total, { loss: statistics.loss });
        // A turn of the event loop, so that Ctrl-C is heard.
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
      if (epochEnds || cycleEnds) {
        metrics.test(
          { cycle, epoch, step: position.total },
          await measureTestSets(context.input("download"), trainer),
        );
      }
      if (saveNow || signal.aborted) await save();
      signal.throwIfAborted();
    }
    if (plan.saveCycles) {
      const name = `cycle_${String(cycle).padStart(2, "0")}.safetensors`;
      await writeModel(
        join(context.scratchDirectory, name),
        trainer,
        config.seed,
      );
    }
    position.step = 0;
  }
  progress.finish();
  await writeModel(
    join(context.outputDirectory, "model.safetensors"),
    trainer,
    config.seed,
  );
  if (plan.saveCycles) {
    for (const cycle of plan.cycles.keys()) {
      const name = `cycle_${String(cycle).padStart(2, "0")}.safetensors`;
      await Deno.copyFile(
        join(context.scratchDirectory, name),
        join(context.outputDirectory, name),
      );
    }
  }
  metrics.flush();
  await Deno.copyFile(
    join(context.scratchDirectory, "metrics.jsonl"),
    join(context.outputDirectory, "metrics.jsonl"),
  );
}

function isSound(
  { loss, meanPositive, meanNegative }: LossStatistics,
): boolean {
  return [loss, meanPositive, meanNegative].every(Number.isFinite);
}

async function networkState(path: string): Promise<NetworkState> {
  const { tensors } = await readCheckpoint(path);
  return tensors;
}

async function writeModel(
  path: string,
  trainer: Trainer,
  seed: number,
): Promise<void> {
  const tensors = new Map<string, TensorData>();
  for (const [name, { shape, data }] of await trainer.network()) {
    tensors.set(
      name,
      data instanceof Float32Array
        ? { dtype: "F32", shape: [...shape], data }
        : { dtype: "I64", shape: [...shape], data },
    );
  }
  await writeSafetensors(path, tensors, {
    model_arch: "SDGMNet128",
    seed: String(seed),
  });
}
