import { join } from "@std/path";
import { PackedPatches } from "../../../data/mod.ts";
import { BatchSampler } from "../../../data/patches/batch_sampler.ts";
import { augmentTransforms, openGpu } from "../../../gpu/mod.ts";
import { setTrainingBudget } from "../../../pipeline/adapter/training_budget.ts";
import type { Config } from "../../../pipeline/config.ts";
import { writeNetwork } from "../../../pipeline/descriptors/network_file.ts";
import type { Log } from "../../../pipeline/log.ts";
import { stage1Plan } from "../../../pipeline/training/stage1_plan.ts";
import { openTrainer } from "../../../pipeline/training/start.ts";
import {
  batchOf,
  stepOptions,
} from "../../../pipeline/training/step_request.ts";
import { patchesByLabel, plantTwins } from "./planted_batch.ts";

/** What {@linkcode trainPlanted} reads, plants, writes and reports to. */
export interface PlantedTraining {
  /** folder that the stage `download` wrote */
  download: string;
  /** keypoints of each batch that stand under two labels */
  splitKeypoints: number;
  /** where the network goes */
  modelPath: string;
  /** what the progress is called */
  label: string;
  log: Log;
}

/**
 * Trains as stage 1 of a config does, step by step with the same batches, but for the twins that {@linkcode plantTwins} puts in them;
 * without any, the network is stage 1's, byte for byte.
 */
export async function trainPlanted(
  config: Config,
  { download, splitKeypoints, modelPath, label, log }: PlantedTraining,
): Promise<void> {
  const { seed } = config;
  const plan = stage1Plan(config);
  const { positives } = plan;
  const [{ batchSize, steps }] = plan.cycles;
  using set = await PackedPatches.open(
    join(download, "training", "patches.bin"),
  );
  const sampler = new BatchSampler(set.labels, { seed, batchSize, positives });
  const patchesOfSet = patchesByLabel(set.labels);
  using gpu = await openGpu();
  await setTrainingBudget(gpu);
  using trainer = await openTrainer(gpu, plan, seed);
  trainer.resetOptimizer();
  const progress = log.progress(label, steps, "steps");
  for (let step = 0; step < steps; step++) {
    const { key, epoch, step: stepInEpoch, flipRotate } = batchOf(
      plan,
      seed,
      0,
      step,
    );
    const { patchIndices, labels, setIds } = plantTwins(
      sampler.batch(epoch, stepInEpoch),
      patchesOfSet,
      splitKeypoints,
    );
    trainer.step({
      patches: set.read(patchIndices),
      labels,
      transforms: augmentTransforms(key, setIds, flipRotate),
    }, stepOptions(plan, seed, 0, step));
    const figures = await trainer.readStatistics();
    progress.update(step + 1, { loss: figures.loss });
  }
  progress.finish();
  await writeNetwork(
    modelPath,
    await trainer.network(),
    { network: plan.network, seed },
  );
}
