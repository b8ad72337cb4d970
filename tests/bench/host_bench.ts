/**
 * Measures what the host does a training step: the real recording code, whose command buffers are dropped instead of being submitted, so
 * that the device does nothing.
 *
 *     ./run bench:host [--classes=2560] [--device-class=discrete] [--steps=10]
 *
 * Prints dispatches and submits of a step, here and on a device of the class whose bindings hold its micro-batches, and the host's time: of
 * the first step, which compiles, and of the others, with the copy of the batch told apart; and what the loader's thread spends on a
 * batch meanwhile, read at random from a file in the page cache.
 */
import { parseArgs } from "@std/cli/parse-args";
import { join } from "@std/path";
import { PackedPatchesWriter } from "../../data/mod.ts";
import type { DeviceClass } from "../../gpu/device_class.ts";
import { openGpu } from "../../gpu/device.ts";
import { initialWeights } from "../../gpu/nn/initial_weights.ts";
import { sdgmnet128 } from "../../gpu/nn/sdgmnet128.ts";
import { observeDispatches } from "../../gpu/recorder.ts";
import { tilesOfClass } from "../../gpu/tiles.ts";
import { BatchLoader } from "../../pipeline/training/batches/batch_loader.ts";
import { stripedBatch } from "../helpers/gpu/training_batch.ts";
import { recordDispatches } from "./model/recorded_dispatches.ts";
import { stage1Step, stage1Trainer, views } from "./stage1_step.ts";

const args = parseArgs(Deno.args, {
  string: ["classes", "device-class", "steps"],
});
const classes = Number(args.classes ?? 2560);
const deviceClass = (args["device-class"] ?? "discrete") as DeviceClass;
const steps = Number(args.steps ?? 10);

using gpu = await openGpu();
gpu.tiles = tilesOfClass[deviceClass];
let dispatches = 0;
let submits = 0;
observeDispatches(gpu, () => {
  dispatches++;
  return undefined;
});
const { queue } = gpu.device;
const submit = queue.submit.bind(queue);
queue.submit = () => {
  submits++;
  return undefined;
};
let copyMs = 0;
const writeBuffer = queue.writeBuffer.bind(queue);
queue.writeBuffer = (...write: Parameters<GPUQueue["writeBuffer"]>) => {
  const startMs = performance.now();
  writeBuffer(...write);
  copyMs += performance.now() - startMs;
  return undefined;
};

const folder = await Deno.makeTempDir();
const times: number[] = [];
const copies: number[] = [];
const loads: number[] = [];
try {
  const path = join(folder, "patches.bin");
  await writePatches(path);
  using loader = await BatchLoader.open(path);
  using trainer = stage1Trainer(gpu, initialWeights(sdgmnet128, 211), classes);
  for (let step = 0; step <= steps; step++) {
    const { loadedMs } = loader.times;
    const batch = await loader.take({
      key: { seed: 211, stage: 1, cycle: 0, step },
      epoch: 0,
      step,
      batchSize: classes,
      positives: views,
      flipRotate: true,
    });
    loads.push(loader.times.loadedMs - loadedMs);
    dispatches = 0;
    submits = 0;
    copyMs = 0;
    const startMs = performance.now();
    trainer.step(batch, stage1Step(step));
    times.push(performance.now() - startMs - copyMs);
    copies.push(copyMs);
    // What was to be copied waits in memory for a submission, and would take ever more of it.
    submit([]);
    await queue.onSubmittedWorkDone();
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
const [firstMs, ...laterMs] = times;
const median = (values: number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const elsewhere = recordDispatches({
  architecture: sdgmnet128,
  work: "step",
  patches: views * classes,
  deviceClass,
});
const bindingMib = gpu.device.limits.maxStorageBufferBindingSize / 2 ** 20;
console.log(
  `${classes} × ${views} patches, tiles of class ${deviceClass}: ${dispatches} dispatches and ${submits} submits a step, where a binding holds ${
    Math.floor(bindingMib)
  } MiB as here; ${elsewhere.dispatches.length} and ${elsewhere.submits} where it holds 2 GiB\n` +
    `first step ${firstMs.toFixed(0)} ms, compiling; later ones ${
      median(laterMs).toFixed(1)
    } ms (${Math.min(...laterMs).toFixed(1)} to ${
      Math.max(...laterMs).toFixed(1)
    }) besides ${
      median(copies.slice(1)).toFixed(1)
    } ms of copying the batch to the driver\n` +
    `on the loader's thread ${
      median(loads.slice(1)).toFixed(1)
    } ms for a batch: drawing and reading it, and drawing what its patches undergo`,
);

async function writePatches(path: string): Promise<void> {
  const { patches, labels } = stripedBatch(classes, views, 211);
  using writer = await PackedPatchesWriter.create(path);
  labels.forEach((label, row) =>
    writer.append(patches.subarray(row * 4096, (row + 1) * 4096), label)
  );
  await writer.finish();
}
