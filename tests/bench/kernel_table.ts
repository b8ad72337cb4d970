import type { Gpu } from "../../gpu/device.ts";
import { flopsOf } from "../../gpu/costs/cost.ts";
import type { KernelTexts } from "../../gpu/costs/kernel_texts.ts";
import { lossCosts } from "../../gpu/costs/loss.ts";
import { optimizerCosts } from "../../gpu/costs/optimizer.ts";
import { patchCosts } from "../../gpu/costs/patches.ts";
import type { NetworkState } from "../../gpu/nn/network_state.ts";
import type { Ceilings } from "./ceilings.ts";
import { describeAdapter } from "./model/device_description.ts";
import { predictDispatch } from "./model/predict_dispatch.ts";
import { timeStep } from "./model/time_step.ts";

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
  /** by the model of the device, with these ceilings */
  predictedMs: number;
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
  const device = describeAdapter(gpu.adapter, ceilings);
  const { timestamps, stepMs, dispatches, timesMs } = await timeStep(
    gpu,
    texts,
    initial,
    classes,
  );
  const rows = new Map<
    string,
    { name: string; work: string; dispatches: number } & Totals
  >();
  for (const [index, { stem, dispatch, text, cost }] of dispatches.entries()) {
    const timeMs = timesMs[index];
    const { work, bytes } = cost ?? unknown;
    const flops = cost === undefined ? NaN : flopsOf(cost);
    const [x, y = 1, z = 1] = dispatch.groups;
    const cut = { workgroups: x * y * z, groupThreads: text.groupThreads };
    const key = `${stem} ${work}`;
    const row = rows.get(key) ??
      {
        name: stem,
        work,
        dispatches: 0,
        timeMs: 0,
        flops: 0,
        bytes: 0,
        leastMs: 0,
        predictedMs: 0,
      };
    row.dispatches++;
    row.timeMs += timeMs;
    row.flops += flops;
    row.predictedMs += cost === undefined
      ? NaN
      : predictDispatch(cost, cut, device).timeMs;
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
    timestamps,
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
      predictedMs: row.predictedMs,
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
  predictedMs: number;
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
    }; roofline: the least time that both ceilings allow over the time taken, above 100 % where caches spare the memory; predicted: by the model of the device, with these ceilings`,
    "",
    "| kernel and its work | dispatches | ms | % of kernels | GFLOP/s | GB/s | % of roofline | predicted ms |",
    "|---|---:|---:|---:|---:|---:|---:|---:|",
    ...lines,
    "",
    `Kernels ${profile.kernelsMs.toFixed(0)} ms of a step of ${
      profile.stepMs.toFixed(0)
    } ms; beside the network's passes ${
      percent(profile.shareBesideTheNetwork)
    } % of the kernels' time`,
  ].join("\n");
}
