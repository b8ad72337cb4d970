import { join } from "@std/path";
import {
  initialWeights,
  networks,
  type openGpu,
  Trainer,
} from "../../gpu/mod.ts";
import { namingFiles, readNetwork } from "../descriptors/network_file.ts";
import { isFile } from "../files/file_tree.ts";
import { sha256File } from "../files/hash.ts";
import type { StageContext } from "../stage.ts";
import {
  readTrainingCheckpoint,
  type TrainingCheckpoint,
} from "./checkpoint.ts";
import { metricsDigest, metricsFileName } from "./metrics.ts";
import type { TrainingPlan } from "./plan.ts";

/** Name of the model after a cycle. */
export function cycleFile(cycle: number): string {
  return `cycle_${String(cycle).padStart(2, "0")}.safetensors`;
}

/**
 * A trainer for the largest of the plan's batches, with the network and the teacher that the plan begins with.
 *
 * @throws {DataError} when a checkpoint cannot be read
 * @throws {GpuError} when the memory budget is too small, or a checkpoint is not a sound one of the plan's network, naming the file
 */
export async function openTrainer(
  gpu: Awaited<ReturnType<typeof openGpu>>,
  plan: TrainingPlan,
  seed: number,
): Promise<Trainer> {
  const { initialPath, teacher: teacherName, cycles, positives } = plan;
  const architecture = networks[plan.network];
  const files = initialPath === undefined ? [] : [initialPath];
  const initial = initialPath === undefined
    ? initialWeights(architecture, seed)
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
      architecture,
      initial,
      loss: cycles[0].loss.kind,
      samples: classes * Math.max(positives, 2),
      classes,
      activations: plan.activations,
      ...(teacher === undefined ? {} : { teacher }),
    }));
}

/** Where training begins, and the sha-256 of what an earlier attempt has left for it, by the files' names. */
export type Start = Pick<TrainingCheckpoint, "position" | "files">;

/**
 * Puts the trainer where the last attempt left off. A checkpoint that is damaged or of another stage key, or beside which a model or
 * the metrics are no longer what they were, costs the time to start over, nothing else.
 *
 * @returns the beginning when there is no usable checkpoint
 */
export async function resume(
  { key, scratchDirectory, log }: StageContext,
  plan: TrainingPlan,
  trainer: Trainer,
): Promise<Start> {
  const checkpoint = await readSoundCheckpoint(
    scratchDirectory,
    key,
    plan.saveCycles,
  );
  if (typeof checkpoint === "object") {
    const { position, state, files } = checkpoint;
    trainer.restore(state);
    return { position, files };
  }
  if (checkpoint !== undefined) {
    const fault = checkpoint === "damaged"
      ? "is damaged"
      : "belongs to another stage key";
    log.warn(
      `stage${plan.stage}: the checkpoint in ${scratchDirectory} ${fault}; starting over`,
    );
  }
  return { position: { cycle: 0, step: 0, total: 0 }, files: {} };
}

/**
 * Reads the checkpoint in `directory` and compares what lies beside it with what it was written with: the metrics up to
 * its position and, where cycles are saved, the models of those before it.
 *
 * @param key of the stage that is to go on
 * @returns undefined when there is none; "damaged" when anything is not as it was; "foreign" when it belongs to another
 * stage key
 */
export async function readSoundCheckpoint(
  directory: string,
  key: string,
  savesCycles: boolean,
): Promise<TrainingCheckpoint | "damaged" | "foreign" | undefined> {
  const checkpoint = await readTrainingCheckpoint(directory);
  if (typeof checkpoint !== "object") return checkpoint;
  const { position, files } = checkpoint;
  if (checkpoint.key !== key) return "foreign";
  const metrics = await metricsDigest(directory, position);
  if (metrics !== files[metricsFileName]) return "damaged";
  for (let cycle = 0; savesCycles && cycle < position.cycle; cycle++) {
    const name = cycleFile(cycle);
    const path = join(directory, name);
    if (!isFile(path)) return "damaged";
    const { digest } = await sha256File(path);
    if (digest !== files[name]) return "damaged";
  }
  return checkpoint;
}
