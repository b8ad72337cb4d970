import type { Gpu } from "../../gpu/device.ts";
import { flopsOf } from "../../gpu/costs/cost.ts";
import { costOf, stemOf } from "../../gpu/costs/costs.ts";
import type { KernelTexts } from "../../gpu/costs/kernel_texts.ts";
import { lossCosts } from "../../gpu/costs/loss.ts";
import { optimizerCosts } from "../../gpu/costs/optimizer.ts";
import { patchCosts } from "../../gpu/costs/patches.ts";
import { KernelTimes } from "../../gpu/tuning/kernel_times.ts";
import type { NetworkState } from "../../gpu/nn/network_state.ts";
import { sdgmnet128 } from "../../gpu/nn/sdgmnet128.ts";
import { Trainer } from "../../gpu/nn/trainer.ts";
import { type Ceilings, shortestMs } from "./ceilings.ts";
import { stage1Step } from "./stage1_step.ts";
import { stripedBatch } from "../helpers/gpu/training_batch.ts";

const runs = 3;

/** The kernels of a training step beside the network's own passes; its sums of parts belong to those. */
const besideNetwork = new Set(
  [lossCosts, optimizerCosts, patchCosts].flatMap(Object.keys)
    .filter((stem) => stem !== "accumulate"),
);

/** One kernel on one shape in a training step: all its dispatches together. */
export interface KernelFigures {
  kernel: string;
  work: string;
  dispatches: number;
  timeMs: number;
  /** of all kernels' time, in [0, 1] */
  shareOfStep: number;
  gflops: number;
  gbPerSecond: number;
  /** Time that the ceilings allow at best over the time taken; above 1 where caches spare the memory. */
  roofline: number;
}

/** What one stage-1 step spends its time on. */
export interface StepProfile {
  /** whether times are the adapter's own, or those of each dispatch repeated on its own */
  timestamps: boolean;
  /** wall time of a whole step that nobody looks at, the shortest of several */
  stepMs: number;
  /** of all kernels together */
  kernelsMs: number;
  /** of kernelsMs, all but the network's forward and backward pass, in [0, 1] */
  shareBesideTheNetwork: number;
  /** the longest first */
  kernels: KernelFigures[];
}

/**
 * Times every dispatch of a stage-1 step of `classes` × 3 patches, the shortest of several steps for each.
 *
 * @param gpu opened with `timestamps: true`
 * @param texts of every kernel that was compiled for it
 */
export async function profileStep(
  gpu: Gpu,
  texts: KernelTexts,
  initial: NetworkState,
  classes: number,
  ceilings: Ceilings,
): Promise<StepProfile> {
  using times = new KernelTimes(gpu);
  const samples = classes * 3;
  using trainer = new Trainer(gpu, {
    architecture: sdgmnet128,
    initial,
    teacher: "self",
    samples,
    classes,
  });
  const batch = stripedBatch(classes, 3, 211);
  let step = 0;
  const run = () => trainer.step(batch, stage1Step(step++));
  run();
  const stepMs = await shortestMs(runs, run, () => trainer.readStatistics());

  let best: Awaited<ReturnType<KernelTimes["stop"]>> = [];
  for (let i = 0; i < runs; i++) {
    times.start();
    run();
    const measured = await times.stop();
    best = measured.map((one, index) => ({
      ...one,
      timeMs: Math.min(one.timeMs, best[index]?.timeMs ?? Infinity),
    }));
  }

  const rows = new Map<
    string,
    { name: string; work: string; dispatches: number } & Totals
  >();
  for (const { dispatch, timeMs } of best) {
    const cost = costOf(dispatch, texts.of(dispatch.kernel));
    const { work, bytes } = cost ?? unknown;
    const flops = cost === undefined ? NaN : flopsOf(cost);
    const name = stemOf(dispatch);
    const key = `${name} ${work}`;
    const row = rows.get(key) ??
      { name, work, dispatches: 0, timeMs: 0, flops: 0, bytes: 0, leastMs: 0 };
    row.dispatches++;
    row.timeMs += timeMs;
    row.flops += flops;
    row.bytes += bytes;
    row.leastMs += Math.max(
      flops / ceilings.gflops,
      bytes / ceilings.gbPerSecond,
    ) / 1e6;
    rows.set(key, row);
  }
  const sum = (some: { timeMs: number }[]) =>
    some.reduce((total, { timeMs }) => total + timeMs, 0);
  const all = [...rows.values()];
  const kernelsMs = sum(all);
  const beside = all.filter(({ name }) => besideNetwork.has(name));
  return {
    timestamps: times.hasTimestamps,
    stepMs,
    kernelsMs,
    shareBesideTheNetwork: sum(beside) / kernelsMs,
    kernels: all.sort((a, b) => b.timeMs - a.timeMs).map((row) => ({
      kernel: row.name,
      work: row.work,
      dispatches: row.dispatches,
      timeMs: row.timeMs,
      shareOfStep: row.timeMs / kernelsMs,
      gflops: row.flops / row.timeMs / 1e6,
      gbPerSecond: row.bytes / row.timeMs / 1e6,
      roofline: row.leastMs / row.timeMs,
    })),
  };
}

/** What is shown of a kernel whose work nobody has counted. */
const unknown = { work: "(work unknown)", bytes: NaN };

interface Totals {
  timeMs: number;
  flops: number;
  bytes: number;
  /** at the ceilings */
  leastMs: number;
}

/** The profile as a Markdown table with words above and below. */
export function profileTable(profile: StepProfile): string {
  const percent = (share: number) => (100 * share).toFixed(1);
  const figure = (value: number, digits: number) =>
    Number.isNaN(value) ? "–" : value.toFixed(digits);
  const lines = profile.kernels.map((row) =>
    `| ${row.kernel} ${row.work} | ${row.dispatches} | ${
      row.timeMs.toFixed(2)
    } | ${percent(row.shareOfStep)} | ${figure(row.gflops, 1)} | ${
      figure(row.gbPerSecond, 2)
    } | ${figure(100 * row.roofline, 0)} |`
  );
  return [
    `Kernels of one step, timed by ${
      profile.timestamps ? "the adapter's own clock" : "repetition one by one"
    }; roofline: the least time that both ceilings allow over the time taken, above 100 % where caches spare the memory`,
    "",
    "| kernel and its work | dispatches | ms | % of kernels | GFLOP/s | GB/s | % of roofline |",
    "|---|---:|---:|---:|---:|---:|---:|",
    ...lines,
    "",
    `Kernels ${profile.kernelsMs.toFixed(0)} ms of a step of ${
      profile.stepMs.toFixed(0)
    } ms; beside the network's passes ${
      percent(profile.shareBesideTheNetwork)
    } % of the kernels' time`,
  ].join("\n");
}
