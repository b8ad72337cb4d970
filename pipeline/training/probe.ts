import { RandomStream } from "../../data/mod.ts";
import {
  augmentTransforms,
  initialWeights,
  networks,
  openGpu,
  Trainer,
  type TrainingBatch,
} from "../../gpu/mod.ts";
import type { Config } from "../config.ts";
import { stage1Plan } from "./stage1_plan.ts";
import { stepsThatFit } from "./steps_ahead.ts";
import { setTrainingBudget } from "../adapter/training_budget.ts";
import { useMeasuredTiles } from "../adapter/prepare_adapter.ts";

/** What a few training steps on this machine's adapter took. */
export type ProbeResult = {
  /** as the adapter describes itself */
  adapter: string;
  /** steps that were timed */
  steps: number;
  /** patches in each of them */
  patches: number;
  patches_per_second: number;
};

const probeSteps = 20;

/** Labels in a batch on the software adapter, where a batch of the authors' size takes a minute. */
const softwareLabels = 24;

/** No further step begins after so long. */
const longestMs = 40_000;

/** Steps between two waits for a hardware GPU, if their patches fit, so that waiting is no part of what is measured. */
const stepsAhead = 5;

const patchBytes = 64 * 64;

/**
 * Trains a fresh network for 20 steps of the config's stage 1 on random patches and measures the time of a patch. The first step,
 * which compiles the shaders, does not count. On a hardware GPU the batch is the config's; on the software adapter it is one of 24 labels,
 * and the time of a patch is nearly the same in larger ones, as all but a hundredth of the work is done patch by patch.
 *
 * @param tilesDirectory folder of measured tiles, which are used where there are any
 * @throws {GpuError} when there is no adapter or it has too little memory
 * @throws the signal's reason when aborted
 */
export async function probeTraining(
  config: Config,
  tilesDirectory: string,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const { memory_mib: memoryMib } = config.gpu;
  using gpu = await openGpu({ memoryMib });
  useMeasuredTiles(gpu, tilesDirectory);
  await setTrainingBudget(gpu);
  const plan = stage1Plan(config);
  const {
    positives,
    flipRotate,
    dropoutRate,
    optimizer,
    weightDecay,
    cycles,
    teacher,
    activations,
  } = plan;
  const architecture = networks[plan.network];
  const initial = initialWeights(architecture, config.seed);
  const [{ batchSize, rates, loss }] = cycles;
  const isSoftware = gpu.adapter.deviceClass === "software";
  const classes = isSoftware ? Math.min(batchSize, softwareLabels) : batchSize;
  const samples = classes * positives;
  using trainer = new Trainer(gpu, {
    architecture,
    initial,
    loss: loss.kind,
    samples,
    classes,
    activations,
    // A teacher of its own costs a pass more than the network itself in inference mode.
    ...(teacher === undefined
      ? {}
      : { teacher: teacher === "self" ? "self" : initial }),
  });
  const keyOf = (step: number) => ({
    seed: config.seed,
    stage: 1,
    cycle: 0,
    step,
  });
  const { patches, labels } = randomPatches(classes, positives);
  const transforms = augmentTransforms(keyOf(0), labels, flipRotate);
  const batch: TrainingBatch = { patches, labels, transforms };
  const step = (number: number) =>
    trainer.step(batch, {
      key: keyOf(number),
      dropoutRate,
      loss,
      ...rates(0),
      optimizer,
      weightDecay,
    });
  step(0);
  await trainer.readStatistics();
  const startMs = performance.now();
  let steps = 0;
  const group = isSoftware
    ? 1
    : Math.min(stepsAhead, stepsThatFit(patches.byteLength));
  while (steps < probeSteps && performance.now() - startMs < longestMs) {
    signal.throwIfAborted();
    for (let i = 0; i < group; i++) step(++steps);
    await trainer.readStatistics();
  }
  const seconds = (performance.now() - startMs) / 1000;
  return {
    adapter: gpu.adapter.description,
    steps,
    patches: samples,
    patches_per_second: steps * samples / seconds,
  };
}

function randomPatches(classes: number, positives: number) {
  const rows = classes * positives;
  const stream = new RandomStream(211, "training probe");
  const noise = Uint8Array.from(
    { length: patchBytes + 257 },
    () => stream.bits(),
  );
  const patches = new Uint8Array(rows * patchBytes);
  for (let row = 0; row < rows; row++) {
    const start = row % 257;
    patches.set(noise.subarray(start, start + patchBytes), row * patchBytes);
  }
  const labels = Uint32Array.from(
    { length: rows },
    (_, row) => Math.floor(row / positives),
  );
  return { patches, labels };
}
