import { join } from "@std/path";
import {
  GpuError,
  type LossStatistics,
  openGpu,
  type Trainer,
} from "../../gpu/mod.ts";
import { writeNetwork } from "../descriptors/network_file.ts";
import { sha256File } from "../files/hash.ts";
import type { StageContext } from "../stage.ts";
import { StepsAhead } from "./steps_ahead.ts";
import { measureTestSets } from "../descriptors/measure_test_sets.ts";
import { BatchLoader } from "./batches/batch_loader.ts";
import { writeTrainingCheckpoint } from "./checkpoint.ts";
import { deviceFailed, notFinite } from "./errors.ts";
import { setTrainingBudget } from "../adapter/training_budget.ts";
import { eventFileName, MetricsFile, metricsFileName } from "./metrics.ts";
import type { TrainingPlan } from "./plan.ts";
import { cycleFile, openTrainer, resume, type Start } from "./start.ts";
import { batchOf, epochOf, stepOptions } from "./step_request.ts";
import { StepClock, waitingNote } from "./timing.ts";

/**
 * Trains from the plan's start to its end and writes `model.safetensors`, `metrics.jsonl` and TensorBoard's event
 * file.
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
  using loader = await BatchLoader.open(
    join(context.input("download"), "training", "patches.bin"),
  );
  const { memory_mib: memoryMib } = config.gpu;
  using gpu = await openGpu({ memoryMib });
  await context.prepareGpu(gpu);
  await setTrainingBudget(gpu);
  using trainer = await openTrainer(gpu, plan, config.seed);
  const start = await resume(context, plan, trainer);
  using metrics = await MetricsFile.open(scratchDirectory, start.position);
  const clock = new StepClock();
  await runSteps(context, plan, { loader, trainer, metrics, start, clock });
  clock.loading(loader.times);
  const timing = clock.timing();
  context.recordTiming(timing);
  const note = waitingNote(timing);
  if (note !== undefined) context.log.info(`stage${plan.stage}: ${note}`);
  metrics.flush();

  const { outputDirectory } = context;
  await writeNetwork(
    join(outputDirectory, "model.safetensors"),
    await trainer.network(),
    { network: plan.network, seed: config.seed },
  );
  const others = plan.saveCycles ? [...plan.cycles.keys()].map(cycleFile) : [];
  for (const name of [metricsFileName, eventFileName, ...others]) {
    await Deno.copyFile(
      join(scratchDirectory, name),
      join(outputDirectory, name),
    );
  }
}

async function runSteps(
  context: StageContext,
  plan: TrainingPlan,
  { loader, trainer, metrics, start, clock }: {
    loader: BatchLoader;
    trainer: Trainer;
    metrics: MetricsFile;
    start: Start;
    clock: StepClock;
  },
): Promise<void> {
  const { config: { seed }, log, signal, scratchDirectory } = context;
  const { stage } = plan;
  const position = { ...start.position };
  const digests = { ...start.files };
  let saved = position.total > 0 ? start.position : undefined;
  const place = () => ({ stage, position, saved, scratchDirectory });
  const describer = {
    async describe(bytes: Uint8Array) {
      const descriptors = await trainer.describe(bytes);
      if (descriptors.every(Number.isFinite)) return descriptors;
      throw notFinite(place(), "descriptors");
    },
  };
  const ahead = new StepsAhead();
  const totalSteps = plan.cycles.reduce((sum, { steps }) => sum + steps, 0);
  const progress = log.progress(`stage${stage}`, totalSteps, "steps");
  progress.update(position.total);

  async function runCycle(cycle: number): Promise<void> {
    const { steps, stepsPerEpoch, rates } = plan.cycles[cycle];
    const request = (step: number) => batchOf(plan, seed, cycle, step);
    const settings = (step: number) => stepOptions(plan, seed, cycle, step);
    if (position.step === 0) trainer.resetOptimizer();
    if (position.step < steps) {
      loader.prepare(request(position.step));
      await trainer.prepare(settings(position.step));
    }
    while (position.step < steps) {
      const startMs = performance.now();
      const { step } = position;
      const epoch = epochOf(plan, cycle, step);
      const { learningRate, momentum } = rates(step);
      const batch = await loader.take(request(step));
      trainer.step(batch, settings(step));
      ahead.count(batch.patches.byteLength);
      position.step++;
      position.total++;
      const cycleEnds = position.step === steps;
      // While the GPU works on this step.
      if (!cycleEnds) loader.prepare(request(position.step));
      // A turn of the event loop, so that Ctrl-C is heard.
      await new Promise((resolve) => setTimeout(resolve, 0));
      const epochEnds = cycleEnds || position.step % stepsPerEpoch === 0;
      const saves = cycleEnds || position.total % plan.saveEverySteps === 0;
      const logs = epochEnds || position.total % plan.logEverySteps === 0;
      if (saves || logs || ahead.isEnough) {
        const statistics = await ahead.wait(() => trainer.readStatistics());
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
      clock.step(performance.now() - startMs);
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
    await context.refuseChangedSources();
    await writeTrainingCheckpoint(scratchDirectory, {
      key: context.key,
      position,
      state,
      files: { ...digests, [metricsFileName]: metrics.digest() },
    });
    saved = { ...position };
  }

  try {
    for (; position.cycle < plan.cycles.length; position.cycle++) {
      await runCycle(position.cycle);
      if (plan.saveCycles) {
        const name = cycleFile(position.cycle);
        const path = join(scratchDirectory, name);
        const facts = { network: plan.network, seed };
        await writeNetwork(path, await trainer.network(), facts);
        digests[name] = (await sha256File(path)).digest;
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

function isSound(
  { loss, meanPositive, meanNegative }: LossStatistics,
): boolean {
  return [loss, meanPositive, meanNegative].every(Number.isFinite);
}
