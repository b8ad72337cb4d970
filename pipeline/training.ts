import { join } from "@std/path";
import { BatchSampler, PackedPatches, readSafetensors } from "../data/mod.ts";
import {
  GpuError,
  initialWeights,
  type LossStatistics,
  openGpu,
  Trainer,
} from "../gpu/mod.ts";
import { namingFiles, readNetwork, writeNetwork } from "./network_file.ts";
import type { StageContext } from "./stage.ts";
import { measureTestSets } from "./test_measure.ts";
import {
  type Position,
  readTrainingCheckpoint,
  writeTrainingCheckpoint,
} from "./training_checkpoint.ts";
import { deviceFailed, notFinite } from "./training_errors.ts";
import { setTrainingBudget } from "./training_memory.ts";
import { MetricsFile } from "./training_metrics.ts";
import type { TrainingPlan } from "./training_plan.ts";

/** Most steps that are handed to the GPU before one is waited for: the patches of each wait in memory. */
const mostStepsAhead = 8;

/**
 * Trains from the plan's start to its end and writes `model.safetensors` and `metrics.jsonl`.
 *
 * Batches, augmentation and dropout are pure functions of (seed, stage, cycle, epoch, step), and the state is saved every
 * few steps: after a crash the same call goes on at the last checkpoint and ends with the same bytes.
 *
 * @throws {PipelineError} when loss, weights or descriptors stop being numbers or the device fails, naming step and last
 * good checkpoint
 * @throws {GpuError} when there is no adapter or the memory budget is too small
 * @throws the signal's reason when aborted, after saving where it stands
 */
export async function train(
  context: StageContext,
  plan: TrainingPlan,
): Promise<void> {
  const { config, scratchDirectory } = context;
  using patches = await PackedPatches.open(
    join(context.input("download"), "training", "patches.bin"),
  );
  const { memory_mib: memoryMib } = config.gpu;
  using gpu = await openGpu({ memoryMib });
  if (memoryMib === 0) await setTrainingBudget(gpu);
  context.recordAdapter({ ...gpu.adapter });
  using trainer = await openTrainer(gpu, plan, config.seed);
  const start = await resume(context, plan, trainer);
  using metrics = await MetricsFile.open(
    join(scratchDirectory, "metrics.jsonl"),
    start,
  );
  await runSteps(context, plan, { patches, trainer, metrics, start });
  metrics.flush();

  const { outputDirectory } = context;
  await writeNetwork(
    join(outputDirectory, "model.safetensors"),
    await trainer.network(),
    config.seed,
  );
  const others = plan.saveCycles ? [...plan.cycles.keys()].map(cycleFile) : [];
  for (const name of ["metrics.jsonl", ...others]) {
    await Deno.copyFile(
      join(scratchDirectory, name),
      join(outputDirectory, name),
    );
  }
}

async function openTrainer(
  gpu: Awaited<ReturnType<typeof openGpu>>,
  { initialPath, teacher: teacherName, cycles, positives }: TrainingPlan,
  seed: number,
): Promise<Trainer> {
  const files = initialPath === undefined ? [] : [initialPath];
  const initial = initialPath === undefined
    ? initialWeights(seed)
    : await readNetwork(initialPath);
  let teacher: ConstructorParameters<typeof Trainer>[1]["teacher"];
  if (teacherName === "self") teacher = "self";
  else if (teacherName !== undefined) {
    files.push(teacherName);
    teacher = await readNetwork(teacherName);
  }
  const classes = Math.max(...cycles.map(({ batchSize }) => batchSize));
  return namingFiles(files, () =>
    new Trainer(gpu, {
      initial,
      samples: classes * Math.max(positives, 2),
      classes,
      ...(teacher === undefined ? {} : { teacher }),
    }));
}

/**
 * Puts the trainer where the last attempt left off. A checkpoint that is damaged costs the time to start over, nothing
 * else.
 *
 * @returns the position; the beginning when there is no usable checkpoint
 */
async function resume(
  { scratchDirectory, log }: StageContext,
  plan: TrainingPlan,
  trainer: Trainer,
): Promise<Position> {
  const beginning = { cycle: 0, step: 0, total: 0 };
  const checkpoint = await readTrainingCheckpoint(scratchDirectory);
  if (checkpoint === undefined) return beginning;
  const isUsable = checkpoint !== "damaged" &&
    (!plan.saveCycles ||
      await areReadable(scratchDirectory, checkpoint.position.cycle));
  if (!isUsable) {
    log.warn(
      `stage${plan.stage}: the checkpoint in ${scratchDirectory} is damaged; starting over`,
    );
    return beginning;
  }
  trainer.restore(checkpoint.state);
  return checkpoint.position;
}

async function areReadable(
  directory: string,
  cycleCount: number,
): Promise<boolean> {
  for (let cycle = 0; cycle < cycleCount; cycle++) {
    try {
      await readSafetensors(join(directory, cycleFile(cycle)));
    } catch {
      return false;
    }
  }
  return true;
}

async function runSteps(
  context: StageContext,
  plan: TrainingPlan,
  { patches, trainer, metrics, start }: {
    patches: PackedPatches;
    trainer: Trainer;
    metrics: MetricsFile;
    start: Position;
  },
): Promise<void> {
  const { config: { seed }, log, signal, scratchDirectory } = context;
  const { stage } = plan;
  const position = { ...start };
  let saved = start.total > 0 ? start : undefined;
  const place = () => ({ stage, position, saved, scratchDirectory });
  const describer = {
    async describe(bytes: Uint8Array) {
      const descriptors = await trainer.describe(bytes);
      if (descriptors.every(Number.isFinite)) return descriptors;
      throw notFinite(place(), "descriptors");
    },
  };
  const totalSteps = plan.cycles.reduce((sum, { steps }) => sum + steps, 0);
  const progress = log.progress(`stage${stage}`, totalSteps, "steps");
  progress.update(position.total);

  async function runCycle(cycle: number): Promise<void> {
    const { batchSize, steps, stepsPerEpoch, rates, loss } = plan.cycles[cycle];
    const sampler = new BatchSampler(patches.labels, {
      seed,
      batchSize,
      positives: plan.positives,
    });
    if (position.step === 0) trainer.resetOptimizer();
    while (position.step < steps) {
      const { step } = position;
      const epoch = Math.floor(step / stepsPerEpoch);
      const { learningRate, momentum } = rates(step);
      // One number per (stage, cycle, epoch): the sampler's own name for it.
      const round = (stage * 1024 + cycle) * 65536 + epoch;
      const batch = sampler.batch(round, step % stepsPerEpoch);
      trainer.step({ ...batch, patches: patches.read(batch.patchIndices) }, {
        key: { seed, stage, cycle, step },
        flipRotate: plan.flipRotate,
        dropoutRate: plan.dropoutRate,
        loss,
        learningRate,
        momentum,
        weightDecay: plan.weightDecay,
      });
      position.step++;
      position.total++;
      // A turn of the event loop, so that Ctrl-C is heard.
      await new Promise((resolve) => setTimeout(resolve, 0));
      const cycleEnds = position.step === steps;
      const epochEnds = cycleEnds || position.step % stepsPerEpoch === 0;
      const saves = cycleEnds || position.total % plan.saveEverySteps === 0;
      const logs = epochEnds || position.total % plan.logEverySteps === 0;
      if (saves || logs || position.total % mostStepsAhead === 0) {
        const statistics = await trainer.readStatistics();
        if (!isSound(statistics)) throw notFinite(place(), "a loss that is");
        if (logs) {
          metrics.step({
            cycle,
            epoch,
            step: position.total,
            learningRate,
            momentum,
            statistics,
            histograms: plan.histograms && epochEnds,
          });
        }
        progress.update(position.total, { loss: statistics.loss });
      }
      if (epochEnds) {
        metrics.test(
          { cycle, epoch, step: position.total },
          await measureTestSets(context.input("download"), describer),
        );
      }
      if (saves || signal.aborted) await save();
      signal.throwIfAborted();
    }
  }

  async function save(): Promise<void> {
    const state = await trainer.state();
    const { values, running } = state;
    if (![values, running].every((vector) => vector.every(Number.isFinite))) {
      throw notFinite(place(), "weights");
    }
    metrics.flush();
    await writeTrainingCheckpoint(scratchDirectory, { position, state });
    saved = { ...position };
  }

  try {
    for (; position.cycle < plan.cycles.length; position.cycle++) {
      await runCycle(position.cycle);
      if (plan.saveCycles) {
        await writeNetwork(
          join(scratchDirectory, cycleFile(position.cycle)),
          await trainer.network(),
          seed,
        );
      }
      position.step = 0;
    }
  } catch (error) {
    const isDevice = error instanceof GpuError ||
      error instanceof DOMException && error !== signal.reason;
    throw isDevice ? deviceFailed(place(), error) : error;
  } finally {
    progress.finish();
  }
}

function cycleFile(cycle: number): string {
  return `cycle_${String(cycle).padStart(2, "0")}.safetensors`;
}

function isSound(
  { loss, meanPositive, meanNegative }: LossStatistics,
): boolean {
  return [loss, meanPositive, meanNegative].every(Number.isFinite);
}
