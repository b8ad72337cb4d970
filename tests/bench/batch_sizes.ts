/**
 * Measures how cost and memory grow with the batch, up to the authors' 2,560 × 3 patches: about 20 minutes on 2 cores.
 *
 *     ./run bench:batch [--largest=7680]
 *
 * Prints Markdown tables: patches/s by batch; whole stage-1 steps with activations kept and recomputed, their peak memory
 * and whether they leave the same bits; mining by rows.
 */
import { BackwardPass } from "../../gpu/nn/training/backward_pass.ts";
import { parseArgs } from "@std/cli/parse-args";
import { sdgmnet128 } from "../../gpu/nn/sdgmnet128.ts";
import { openGpu } from "../../gpu/device.ts";
import { initialWeights } from "../../gpu/nn/initial_weights.ts";
import { NetworkParameters } from "../../gpu/nn/parameters.ts";
import { Network } from "../../gpu/nn/network.ts";
import { HardestInBatch } from "../../gpu/ops/hardest_in_batch.ts";
import { randomStream } from "../../gpu/random_bits.ts";
import { Recorder } from "../../gpu/recorder.ts";
import { Tensor } from "../../gpu/tensor.ts";
import { shortestMs } from "./ceilings.ts";
import { stage1Step, stage1Trainer } from "./stage1_step.ts";
import { stripedBatch } from "../helpers/gpu/training_batch.ts";

const args = parseArgs(Deno.args, { string: ["largest"] });
const largest = Number(args.largest ?? 7680);
const initial = initialWeights(sdgmnet128, 211);
const mode = {
  training: true as const,
  dropoutRate: 0.3,
  stream: randomStream(211, 1),
};

/** The shortest counts. Memory that is touched for the first time is slow, so even the longest pass runs twice. */
const runsOf = (samples: number) => samples > 1024 ? 2 : 5;

async function passMs(
  samples: number,
): Promise<{ forwardMs: number; bothMs: number }> {
  using gpu = await openGpu({ memoryMib: 8192 });
  using parameters = new NetworkParameters(gpu, sdgmnet128);
  parameters.load(initial);
  using recorder = new Recorder(gpu);
  const capacity = { samples, backward: BackwardPass };
  using network = new Network(gpu, parameters, capacity);
  const pixels = network.patches.size;
  network.patches.write(
    new Float32Array(pixels).map((_, i) => (i * 37 % 256) / 255),
  );
  const warmUp = Math.min(samples, 256);
  network.forward(recorder, warmUp, mode);
  network.backward(recorder, warmUp, mode);
  await network.gradients.read(0, 4);
  const forwardMs = await shortestMs(
    runsOf(samples),
    () => network.forward(recorder, samples, { training: false }),
    () => network.descriptors.read(0, 4),
  );
  const bothMs = await shortestMs(runsOf(samples), () => {
    network.forward(recorder, samples, mode);
    network.backward(recorder, samples, mode);
  }, () => network.gradients.read(0, 4));
  return { forwardMs, bothMs };
}

interface StepFigures {
  stepMs: number;
  peakMib: number;
  /** Parameters after the measured steps, as bytes. */
  parameters: Uint8Array;
}

async function wholeStep(
  classes: number,
  memoryMib: number,
): Promise<StepFigures> {
  using gpu = await openGpu({ memoryMib });
  const samples = classes * 3;
  using trainer = stage1Trainer(gpu, initial, classes);
  const batch = stripedBatch(classes, 3, 211);
  // The first step compiles; with few patches it does so at the same micro-batch size.
  trainer.step(stripedBatch(Math.min(classes, 8), 3, 211), stage1Step(0));
  await trainer.readStatistics();
  let step = 1;
  const stepMs = await shortestMs(
    Math.max(3, runsOf(samples)),
    () => trainer.step(batch, stage1Step(step++)),
    () => trainer.readStatistics(),
  );
  const { values } = await trainer.state();
  const parameters = new Uint8Array(values.buffer);
  return { stepMs, peakMib: gpu.peakBytes / 2 ** 20, parameters };
}

async function miningMs(samples: number): Promise<number> {
  using gpu = await openGpu();
  using recorder = new Recorder(gpu);
  const classes = Math.floor(samples / 3);
  const capacity = { samples, classes };
  using mining = new HardestInBatch(gpu, capacity);
  const shape = [Math.ceil(samples / 32), 128, 32];
  using descriptors = new Tensor(gpu, "descriptors", shape);
  descriptors.write(
    new Float32Array(descriptors.size).map((_, i) => Math.sin(i * i) / 8),
  );
  const u32 = { type: "u32" } as const;
  using classOfRow = new Tensor(gpu, "classes", [samples], u32);
  using firstRowOfClass = new Tensor(gpu, "rows", [classes + 1], u32);
  const last = classes - 1;
  classOfRow.write(
    new Uint32Array(samples).map((_, i) => Math.min(last, Math.floor(i / 3))),
  );
  firstRowOfClass.write(
    new Uint32Array(classes + 1).map((_, c) => c === classes ? samples : 3 * c),
  );
  const batch = {
    descriptors,
    classOfRow,
    firstRowOfClass,
    sampleCount: samples,
    classCount: classes,
  };
  return await shortestMs(2, () => {
    mining.record(recorder, batch, 0);
    recorder.submit();
  }, () => mining.pairs.read(0, 4));
}

const perSecond = (samples: number, ms: number) =>
  (samples / ms * 1000).toFixed(0);

{
  using gpu = await openGpu();
  console.log(
    `${gpu.adapter.description}, ${navigator.hardwareConcurrency} cores\n`,
  );
}
console.log(
  "| batch | forward patches/s | forward + backward patches/s |\n|---|---|---|",
);
let networkMs = NaN;
for (const samples of [64, 256, 1024, 7680]) {
  if (samples > largest) continue;
  const { forwardMs, bothMs } = await passMs(samples);
  networkMs = bothMs;
  console.log(
    `| ${samples} | ${perSecond(samples, forwardMs)} | ${
      perSecond(samples, bothMs)
    } |`,
  );
}
console.log(
  "\n| whole step | memory_mib | patches/s | peak MiB | beside the network | parameters |\n|---|---|---|---|---|---|",
);
let reference: Uint8Array | undefined;
const large = Math.floor(largest / 3);
for (
  const [classes, memoryMib] of [[256, 8192], [large, 8192], [large, 1536]]
) {
  const { stepMs, peakMib, parameters } = await wholeStep(classes, memoryMib);
  const isLarge = classes === large;
  // Only where nothing is recomputed does the step hold one forward and one backward pass.
  const beside = isLarge && memoryMib === 8192
    ? `${(100 * (1 - networkMs / stepMs)).toFixed(1)} %`
    : "";
  const comparable = isLarge ? reference : undefined;
  const bits = comparable === undefined
    ? ""
    : parameters.every((byte, i) => byte === comparable[i])
    ? "the same bits"
    : "DIFFERENT";
  if (isLarge) reference ??= parameters;
  console.log(
    `| ${classes} × 3 | ${memoryMib} | ${perSecond(classes * 3, stepMs)} | ${
      peakMib.toFixed(0)
    } | ${beside} | ${bits} |`,
  );
}
console.log("\n| rows | mining ms |\n|---|---|");
for (const rows of [1920, 7680, 20000]) {
  console.log(`| ${rows} | ${(await miningMs(rows)).toFixed(0)} |`);
}
