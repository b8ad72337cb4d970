/** A training stage on a tiny packed patch set, in a folder of its own. */
import { join } from "node:path";
import {
  PackedPatchesWriter,
  type TensorData,
  uniform,
  writeSafetensors,
} from "../../../../data/mod.ts";
import { sdgmnet128 } from "../../../../gpu/nn/sdgmnet128.ts";
import { initialWeights } from "../../../../gpu/mod.ts";
import { type Config, parseConfig } from "../../../../pipeline/config.ts";
import { type Log, silentLog } from "../../../../pipeline/log.ts";
import { stage1 } from "../../../../pipeline/stages/stage1.ts";
import { stage2 } from "../../../../pipeline/stages/stage2.ts";
import type { TrainingTiming } from "../../../../pipeline/training/timing.ts";

const sidePixels = 64;
const labelCount = 10;
const viewCount = 3;

/** Two epochs of two steps, then two annealing cycles of two steps, at batches that compile fast. */
const tinyConfig = `
[download]
patch_sets = ${labelCount}
[stage1]
epochs = 2
tuples = 8
batch_size = 4
Npos = 2
save_every_steps = 1
log_every_steps = 1
[stage2]
batch_size = 5
batch_step = 1
final_batch_size = 3
bsNum = 2
save_every_steps = 1
log_every_steps = 1
`;

/** The tiny config, with overrides such as `stage1.lr=0.1`. */
export function configOf(overrides: readonly string[] = []): Config {
  return parseConfig(tinyConfig, "tiny.toml", overrides);
}

/** Writes the patches, the test pairs and an untrained stage 1 that the stages read below `folder`. */
export async function writeInputs(folder: string): Promise<void> {
  await writePatches(join(folder, "download", "training"), 0, viewCount);
  const test = join(folder, "download", "test", "tiny");
  await writePatches(test, 1, 2);
  // A matching pair of each label, and one with the next label.
  const pairs = Array.from({ length: labelCount }, (_, label) => {
    const next = (label + 1) % labelCount;
    return `${2 * label} ${label} 0 ${2 * label + 1} ${label} 0\n` +
      `${2 * label} ${label} 0 ${2 * next + 1} ${next} 0\n`;
  });
  await Deno.writeTextFile(join(test, "pairs.txt"), pairs.join(""));
  await Deno.mkdir(join(folder, "stage1"), { recursive: true });
  const weights = new Map<string, TensorData>();
  for (const [name, { shape, data }] of initialWeights(sdgmnet128, 3)) {
    const floats = new Float32Array(data);
    weights.set(name, { dtype: "F32", shape: [...shape], data: floats });
  }
  await writeSafetensors(join(folder, "stage1", "model.safetensors"), weights);
}

/** Views of one label are the same waves under different noise. */
async function writePatches(
  folder: string,
  set: number,
  views: number,
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const path = join(folder, "patches.bin");
  const writer = await PackedPatchesWriter.create(path);
  for (let label = 0; label < labelCount; label++) {
    const [across, down] = [0, 1].map((axis) =>
      0.1 + 0.4 * uniform(5, "test waves", set, label, axis)
    );
    for (let view = 0; view < views; view++) {
      const patch = Uint8Array.from({ length: sidePixels ** 2 }, (_, at) => {
        const [x, y] = [at % sidePixels, Math.floor(at / sidePixels)];
        const noise = uniform(5, "test noise", set, label, view, at);
        return 128 + 80 * Math.sin(across * x + down * y) + 40 * (noise - 0.5);
      });
      await writer.append(patch, label);
    }
  }
  await writer.finish();
}

/** What the stages run so far recorded about their time. */
export const timings: TrainingTiming[] = [];

/** How {@linkcode trainStage} runs. */
export interface TrainOptions {
  overrides?: readonly string[];
  log?: Log;
  signal?: AbortSignal;
}

/** Runs a training stage in `folder`: inputs and `scratch` there, results in `output`, which is emptied first. */
export async function trainStage(
  folder: string,
  stage: "stage1" | "stage2",
  { overrides, log, signal }: TrainOptions = {},
): Promise<void> {
  const outputDirectory = join(folder, "output");
  const scratchDirectory = join(folder, "scratch");
  await Deno.remove(outputDirectory, { recursive: true }).catch(() => {});
  for (const path of [outputDirectory, scratchDirectory]) {
    await Deno.mkdir(path, { recursive: true });
  }
  await (stage === "stage1" ? stage1 : stage2).run({
    config: configOf(overrides),
    key: "0".repeat(64),
    refuseChangedSources: () => Promise.resolve(),
    input: (name) => join(folder, name),
    outputDirectory,
    scratchDirectory,
    downloadsDirectory: join(folder, "downloads"),
    pinnedContents: {},
    log: log ?? silentLog,
    signal: signal ?? new AbortController().signal,
    prepareGpu: () => Promise.resolve(),
    recordTiming: (timing) => timings.push(timing as TrainingTiming),
  });
}
