/**
 * Times opening the adapter, compiling and the first stage-1 step in a process of its own, and prints it as JSON:
 * `first_step.ts CLASSES [each]`. With `each` pipelines compile one after the other as they are used, and the JSON says what each
 * took; without, as training has them compiled. Where the driver keeps compiled shaders is for its parent to say.
 */
import { sdgmnet128 } from "../../gpu/nn/sdgmnet128.ts";
import { openGpu } from "../../gpu/device.ts";
import { KernelTimes } from "../../gpu/tuning/kernel_times.ts";
import { initialWeights } from "../../gpu/nn/initial_weights.ts";
import type { FirstStep, PipelineCost } from "./start_up.ts";
import { stage1Step, stage1Trainer } from "./stage1_step.ts";
import { stripedBatch } from "../helpers/gpu/training_batch.ts";

const classes = Number(Deno.args[0]);
const timesEach = Deno.args[1] === "each";
const initial = initialWeights(sdgmnet128, 211);
const batch = stripedBatch(classes, 3, 211);

const openStartMs = performance.now();
const gpu = await openGpu({ timestamps: true });
const openMs = performance.now() - openStartMs;

const pipelines: PipelineCost[] = [];
let wgslBytes = 0;
const { device } = gpu;
/** Of which text a module is, in the order of the kernels' numbers. */
const costOf = new Map<GPUShaderModule, PipelineCost>();
const createShaderModule = device.createShaderModule.bind(device);
device.createShaderModule = (descriptor) => {
  const startMs = performance.now();
  const module = createShaderModule(descriptor);
  const createMs = performance.now() - startMs;
  wgslBytes += new TextEncoder().encode(descriptor.code).length;
  const cost = { label: descriptor.label ?? "", createMs, firstRunMs: 0 };
  costOf.set(module, cost);
  pipelines.push(cost);
  return module;
};
const createComputePipeline = device.createComputePipeline.bind(device);
device.createComputePipeline = (descriptor) => {
  const startMs = performance.now();
  const pipeline = createComputePipeline(descriptor);
  const cost = costOf.get(descriptor.compute.module);
  if (cost !== undefined) cost.createMs += performance.now() - startMs;
  return pipeline;
};

using times = new KernelTimes(gpu);
const stepStartMs = performance.now();
using trainer = stage1Trainer(gpu, initial, classes);
const timed = timesEach && times.hasTimestamps;
if (timed) times.start();
if (!timesEach) await trainer.prepare(stage1Step(0));
trainer.step(batch, stage1Step(0));
await trainer.readStatistics();
const firstStepMs = performance.now() - stepStartMs;
if (timed) {
  // Drivers may compile at a pipeline's first run, which then takes longer than those after it.
  const first = await times.stop();
  times.start();
  trainer.step(batch, stage1Step(1));
  const second = await times.stop();
  const seen = new Set<number>();
  for (const [index, { dispatch, timeMs }] of first.entries()) {
    const { id } = dispatch.kernel;
    if (seen.has(id)) continue;
    seen.add(id);
    pipelines[id].firstRunMs = Math.max(0, timeMs - second[index].timeMs);
  }
}
const figures: FirstStep = { openMs, firstStepMs, wgslBytes, pipelines };
console.log(JSON.stringify(figures));
