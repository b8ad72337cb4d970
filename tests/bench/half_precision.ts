/**
 * Measures what activations in 16 bits (gpu.activations = "f16") save, cost and change: about 25 minutes on 2 cores.
 *
 *     ./run bench:half-precision [--seeds=211,212,213] [--steps=40] [--largest=256]
 *
 * Prints Markdown tables: memory and time of whole stage-1 steps with both kinds of storage, taken in turns; and how trainings
 * of 48 × 3 patches of the demo's photographs go and end. Beside the two a third network trains, in 32 bits, from weights that
 * are one unit in the last place larger: how far it comes away from the first is what any other rounding would do.
 * The photographs' patches land in runs/.
 */
import { parseArgs } from "@std/cli/parse-args";
import { join } from "@std/path";
import { PackedPatches } from "../../data/mod.ts";
import { BackwardPass } from "../../gpu/nn/training/backward_pass.ts";
import { sdgmnet128 } from "../../gpu/nn/sdgmnet128.ts";
import type { ActivationType } from "../../gpu/activation.ts";
import { type Gpu, openGpu } from "../../gpu/device.ts";
import { DescriptorNetwork } from "../../gpu/nn/descriptor_network.ts";
import { initialWeights } from "../../gpu/nn/initial_weights.ts";
import type { NetworkState } from "../../gpu/nn/network_state.ts";
import { NetworkParameters } from "../../gpu/nn/parameters.ts";
import { Network } from "../../gpu/nn/network.ts";
import { Trainer } from "../../gpu/nn/training/trainer.ts";
import { Recorder } from "../../gpu/recorder.ts";
import { type Config, loadConfig, reproduce } from "../../mod.ts";
import { BatchLoader } from "../../pipeline/training/batches/batch_loader.ts";
import { stage1Plan } from "../../pipeline/training/stage1_plan.ts";
import { measureTestSets } from "../../pipeline/descriptors/measure_test_sets.ts";
import { stripedBatch } from "../helpers/gpu/training_batch.ts";
import { stage1Step } from "./stage1_step.ts";

const args = parseArgs(Deno.args, { string: ["seeds", "steps", "largest"] });
const seeds = String(args.seeds ?? "211,212,213").split(",").map(Number);
const steps = Number(args.steps ?? 40);
const largest = Number(args.largest ?? 256);

const kinds: readonly ActivationType[] = ["f32", "f16"];

/** Steps of one size with both kinds of storage in turns: the shortest time and the most memory of each. */
async function wholeSteps(
  classes: number,
): Promise<Record<ActivationType, { ms: number; peakMib: number }>> {
  const samples = classes * 3;
  const batch = stripedBatch(classes, 3, 211);
  using owned = new DisposableStack();
  const trainers = [];
  for (const activations of kinds) {
    const gpu = owned.use(await openGpu());
    const initial = initialWeights(sdgmnet128, 211);
    const options = { initial, samples, classes, activations };
    const trainer = owned.use(
      new Trainer(gpu, {
        architecture: sdgmnet128,
        ...options,
        teacher: "self",
      }),
    );
    trainers.push({ activations, gpu, trainer, ms: Infinity });
  }
  const rounds = classes > 100 ? 4 : 10;
  // The first round compiles.
  for (let round = 0; round <= rounds; round++) {
    for (const one of trainers) {
      const startMs = performance.now();
      one.trainer.step(batch, stage1Step(round));
      await one.trainer.readStatistics();
      const ms = performance.now() - startMs;
      if (round > 0) one.ms = Math.min(one.ms, ms);
    }
  }
  const [f32, f16] = trainers.map(({ gpu, ms }) => ({
    ms,
    peakMib: gpu.peakBytes / 2 ** 20,
  }));
  return { f32, f16 };
}

/** The same weights, each one unit in the last place farther from zero. */
function nudged(state: NetworkState): NetworkState {
  return new Map([...state].map(([name, { shape, data }]) => {
    if (!name.endsWith(".weight")) return [name, { shape, data }];
    const values = Float32Array.from(data, Number);
    const bits = new Uint32Array(values.buffer);
    for (let at = 0; at < bits.length; at++) bits[at]++;
    return [name, { shape, data: values }];
  }));
}

/** A network in training and its loss at every step. */
interface Training {
  trainer: Trainer;
  losses: number[];
}

/** Trains on the same batches, taken in turns. */
async function trainBeside(
  config: Config,
  path: string,
  trainings: readonly Training[],
): Promise<void> {
  const { positives, flipRotate, dropoutRate, weightDecay, cycles } =
    stage1Plan(config);
  const { seed } = config;
  const [{ batchSize, rates, loss }] = cycles;
  const drawing = { batchSize, positives, flipRotate };
  using loader = await BatchLoader.open(path);
  for (let step = 0; step < steps; step++) {
    const key = { seed, stage: 1, cycle: 0, step };
    const batch = await loader.take({ key, epoch: 0, step, ...drawing });
    for (const { trainer, losses } of trainings) {
      trainer.step(batch, {
        key,
        dropoutRate,
        loss,
        ...rates(step),
        weightDecay,
      });
      losses.push((await trainer.readStatistics()).loss);
    }
  }
}

/** The largest |x| and |y| that the network leaves of the first patches of a set, shrunk to its input. */
async function largestActivations(
  gpu: Gpu,
  state: NetworkState,
  patches: PackedPatches,
): Promise<{ x: number; y: number }> {
  const samples = 144;
  using parameters = new NetworkParameters(gpu, sdgmnet128);
  parameters.load(state);
  using recorder = new Recorder(gpu);
  // One that keeps every x.
  const capacity = { samples, backward: BackwardPass };
  using network = new Network(gpu, parameters, capacity);
  const bytes = patches.read(
    Uint32Array.from({ length: samples }, (_, i) => i),
  );
  network.patches.write(
    Float32Array.from({ length: samples * 1024 }, (_, at) => {
      const corner = Math.floor(at / 32) * 128 + at % 32 * 2;
      return [0, 1, 64, 65].reduce((sum, o) => sum + bytes[corner + o], 0) /
        1020;
    }),
  );
  network.forward(recorder, samples, { training: false });
  const { layers } = network.activationTensors().activations;
  const most = { x: 0, y: 0 };
  for (const layer of layers) {
    for (const name of ["x", "y"] as const) {
      for (const value of await layer[name].readFloats()) {
        most[name] = Math.max(most[name], Math.abs(value));
      }
    }
  }
  return most;
}

const mean = (values: number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const percent = (fraction: number) => (100 * fraction).toFixed(2);

/** Trains a seed's networks and prints a row for each, beside the first. */
async function printTrainings(seed: number): Promise<void> {
  const name = `half_precision_${seed}`;
  const config = await loadConfig("configs/demo.toml", [
    `seed=${seed}`,
    `name="${name}"`,
    `stage1.tuples=${48 * steps}`,
    "stage1.epochs=1",
  ]);
  await reproduce(config, { until: "download" });
  const directory = join("runs", name, "download");
  const path = join(directory, "training", "patches.bin");
  using patches = await PackedPatches.open(path);
  using gpu = await openGpu();
  using owned = new DisposableStack();
  const initial = initialWeights(sdgmnet128, seed);
  const sizes = { samples: 144, classes: 48, teacher: "self" as const };
  const options = [
    { name: "f32", initial, activations: "f32" as const },
    {
      name: "f32, nudged",
      initial: nudged(initial),
      activations: "f32" as const,
    },
    { name: "f16", initial, activations: "f16" as const },
  ];
  const trainings = options.map(({ name, ...rest }) => ({
    name,
    trainer: owned.use(
      new Trainer(gpu, { architecture: sdgmnet128, ...sizes, ...rest }),
    ),
    losses: [] as number[],
  }));
  await trainBeside(config, path, trainings);
  for (const { name, trainer, losses } of trainings) {
    const state = await trainer.network();
    using network = DescriptorNetwork.create(gpu, sdgmnet128, state, {
      batchSize: 144,
    });
    const fpr95Of = async (
      describe: (bytes: Uint8Array) => Promise<Float32Array>,
    ) =>
      percent(Object.values(await measureTestSets(directory, { describe }))[0]);
    const deviations = losses.map((loss, step) =>
      Math.abs(loss - trainings[0].losses[step])
    );
    const { x, y } = await largestActivations(gpu, state, patches);
    console.log(
      `| ${
        [
          seed,
          name,
          deviations[0].toExponential(1),
          Math.max(...deviations.slice(0, 10)).toExponential(1),
          mean(deviations).toExponential(1),
          Math.max(...deviations).toExponential(1),
          mean(losses.slice(-20)).toFixed(4),
          await fpr95Of((bytes) => network.describe(bytes, "phototour64")),
          await fpr95Of((bytes) => trainer.describe(bytes)),
          x.toFixed(1),
          y.toFixed(1),
        ].join(" | ")
      } |`,
    );
  }
}

{
  using gpu = await openGpu();
  console.log(
    `${gpu.adapter.description}, ${navigator.hardwareConcurrency} cores\n`,
  );
}
console.log(
  "| stage-1 step | MiB f32 | MiB f16 | patches/s f32 | patches/s f16 | time f16 : f32 |\n|---|---:|---:|---:|---:|---:|",
);
for (const classes of [48, 256].filter((classes) => classes <= largest)) {
  const { f32, f16 } = await wholeSteps(classes);
  const perSecond = (ms: number) => (classes * 3 / ms * 1000).toFixed(0);
  console.log(
    `| ${classes} × 3 | ${f32.peakMib.toFixed(0)} | ${
      f16.peakMib.toFixed(0)
    } | ${perSecond(f32.ms)} | ${perSecond(f16.ms)} | ${
      (f16.ms / f32.ms).toFixed(2)
    } |`,
  );
}
console.log(
  `\n| seed, ${steps} steps | activations | Δ loss, step 1 | largest, 10 steps | mean | largest | mean loss, last 20 | FPR95 % | described as trained | largest x | largest y |\n|---|---|${
    "---:|".repeat(9)
  }`,
);
for (const seed of seeds) await printTrainings(seed);
