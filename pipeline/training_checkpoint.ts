import { join } from "@std/path";
import {
  readSafetensors,
  type TensorData,
  writeSafetensors,
} from "../data/mod.ts";
import type { Trainer } from "../gpu/mod.ts";

/** How far a training stage has come. */
export interface Position {
  /** Cycle under way. */
  cycle: number;
  /** Steps done in it. */
  step: number;
  /** Steps done in all. */
  total: number;
}

const fileName = "checkpoint.safetensors";

/**
 * Saves weights, moments, statistics and position in `directory`; the file is replaced in one go, so a crash leaves the
 * old or the new one.
 */
export async function writeTrainingCheckpoint(
  directory: string,
  trainer: Trainer,
  position: Position,
): Promise<void> {
  const state = await trainer.state();
  const vector = (data: Float32Array<ArrayBuffer>): TensorData => ({
    dtype: "F32",
    shape: [data.length],
    data,
  });
  await writeSafetensors(
    join(directory, fileName),
    new Map([
      ["values", vector(state.values)],
      ["first_moments", vector(state.firstMoments)],
      ["second_moments", vector(state.secondMoments)],
      ["running", vector(state.running)],
    ]),
    {
      batches_tracked: String(state.batchesTracked),
      optimizer_steps: String(state.optimizerSteps),
      cycle: String(position.cycle),
      step: String(position.step),
      total: String(position.total),
    },
  );
}

/**
 * Puts the trainer where the checkpoint in `directory` stands.
 *
 * @returns its position; the beginning when there is no checkpoint, or one that cannot be read
 */
export async function readTrainingCheckpoint(
  directory: string,
  trainer: Trainer,
): Promise<Position> {
  const path = join(directory, fileName);
  try {
    await Deno.stat(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { cycle: 0, step: 0, total: 0 };
  }
  const { tensors, metadata } = await readSafetensors(path);
  const floats = (name: string) =>
    tensors.get(name)!.data as Float32Array<ArrayBuffer>;
  trainer.restore({
    values: floats("values"),
    firstMoments: floats("first_moments"),
    secondMoments: floats("second_moments"),
    running: floats("running"),
    batchesTracked: Number(metadata.batches_tracked),
    optimizerSteps: Number(metadata.optimizer_steps),
  });
  return {
    cycle: Number(metadata.cycle),
    step: Number(metadata.step),
    total: Number(metadata.total),
  };
}
