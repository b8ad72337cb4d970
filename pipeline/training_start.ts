import { join } from "@std/path";
import { readSafetensors } from "../data/mod.ts";
import { initialWeights, type openGpu, Trainer } from "../gpu/mod.ts";
import { namingFiles, readNetwork } from "./network_file.ts";
import type { StageContext } from "./stage.ts";
import {
  type Position,
  readTrainingCheckpoint,
} from "./training_checkpoint.ts";
import type { TrainingPlan } from "./training_plan.ts";

/** Name of the model after a cycle. */
export function cycleFile(cycle: number): string {
  return `cycle_${String(cycle).padStart(2, "0")}.safetensors`;
}

/**
 * A trainer for the largest of the plan's batches, with the network and the teacher that the plan begins with.
 *
 * @throws {DataError} when a checkpoint cannot be read
 * @throws {GpuError} when the memory budget is too small, or a checkpoint is not a sound SDGMNet128, naming the file
 */
export async function openTrainer(
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
export async function resume(
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
