import { createHash } from "node:crypto";
import { join } from "@std/path";
import {
  DataError,
  parseSafetensors,
  type Safetensors,
  type TensorData,
  writeSafetensors,
} from "../../data/mod.ts";
import type { TrainerState } from "../../gpu/mod.ts";

/** How far a training stage has come. */
export interface Position {
  /** Cycle under way. */
  cycle: number;
  /** Steps done in it. */
  step: number;
  /** Steps done in all. */
  total: number;
}

/** A training stage under way: where it stands, and everything it needs to go on from there. */
export interface TrainingCheckpoint {
  /** key of the stage that it belongs to */
  key: string;
  position: Position;
  state: TrainerState;
  /** sha-256 of what lies beside it and belongs to it, by the files' names */
  files: Readonly<Record<string, string>>;
}

const fileName = "checkpoint.safetensors";

/** What the names of other files begin with among the checkpoint's metadata. */
const filePrefix = "file ";

/** The state's vectors by their names in the file. */
const vectors = [
  ["values", "values"],
  ["first_moments", "firstMoments"],
  ["second_moments", "secondMoments"],
  ["running", "running"],
  ["loss_running", "lossRunning"],
] as const;

/**
 * Saves a checkpoint in `directory`; the file is replaced in one go, so a crash leaves the old or the new one.
 *
 * @throws {DataError} when it cannot be written
 */
export async function writeTrainingCheckpoint(
  directory: string,
  { key, position, state, files }: TrainingCheckpoint,
): Promise<void> {
  const tensors = new Map<string, TensorData>();
  for (const [name, field] of vectors) {
    const data = state[field];
    tensors.set(name, { dtype: "F32", shape: [data.length], data });
  }
  const facts: Record<string, string> = {
    key,
    batches_tracked: String(state.batchesTracked),
    optimizer_steps: String(state.optimizerSteps),
    cycle: String(position.cycle),
    step: String(position.step),
    total: String(position.total),
  };
  for (const [name, digest] of Object.entries(files)) {
    facts[filePrefix + name] = digest;
  }
  await writeSafetensors(join(directory, fileName), tensors, {
    ...facts,
    digest: digestOf(facts, tensors),
  });
}

/**
 * Reads the checkpoint in `directory`.
 *
 * @returns undefined when there is none; "damaged" when its bytes are not those that were written
 */
export async function readTrainingCheckpoint(
  directory: string,
): Promise<TrainingCheckpoint | "damaged" | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(join(directory, fileName));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return undefined;
  }
  return parseTrainingCheckpoint(bytes);
}

/** A checkpoint from its bytes; "damaged" when they are not those that were written. */
export function parseTrainingCheckpoint(
  bytes: Uint8Array,
): TrainingCheckpoint | "damaged" {
  let file: Safetensors;
  try {
    file = parseSafetensors(bytes, fileName);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return "damaged";
  }
  const { tensors, metadata: { digest, ...facts } } = file;
  const isWhole = digest === digestOf(facts, tensors) &&
    vectors.every(([name]) => tensors.get(name)?.dtype === "F32");
  if (!isWhole) return "damaged";
  const [values, firstMoments, secondMoments, running, lossRunning] = vectors
    .map(([name]) => tensors.get(name)!.data as Float32Array<ArrayBuffer>);
  return {
    key: facts.key,
    position: {
      cycle: Number(facts.cycle),
      step: Number(facts.step),
      total: Number(facts.total),
    },
    state: {
      values,
      firstMoments,
      secondMoments,
      running,
      lossRunning,
      batchesTracked: Number(facts.batches_tracked),
      optimizerSteps: Number(facts.optimizer_steps),
    },
    files: Object.fromEntries(
      Object.entries(facts)
        .filter(([key]) => key.startsWith(filePrefix))
        .map(([key, digest]) => [key.slice(filePrefix.length), digest]),
    ),
  };
}

/** sha-256 of facts and tensors: a flipped bit would lead training silently to other bytes. */
function digestOf(
  facts: Readonly<Record<string, string>>,
  tensors: ReadonlyMap<string, TensorData>,
): string {
  const hash = createHash("sha256");
  for (const name of Object.keys(facts).sort()) {
    hash.update(`${name}=${facts[name]}\n`);
  }
  for (const name of [...tensors.keys()].sort()) {
    const { data } = tensors.get(name)!;
    hash.update(`${name}\n`);
    hash.update(
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    );
  }
  return hash.digest("hex");
}
