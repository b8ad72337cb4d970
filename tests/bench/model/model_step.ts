import { flopsOf } from "../../../gpu/costs/cost.ts";
import type { DeviceDescription } from "./device_description.ts";
import {
  type Bound,
  predictDispatch,
  type Prediction,
} from "./predict_dispatch.ts";
import type { RecordedDispatch } from "./recorded_dispatches.ts";

/** One kernel on one shape: what all its dispatches in a step do and take together. */
export interface ModelledKernel {
  kernel: string;
  work: string;
  dispatches: number;
  /** of one dispatch, the largest */
  workgroups: number;
  groupThreads: number;
  /** of a thread, by estimate */
  registers: number;
  workgroupBytes: number;
  /** subgroups that a multiprocessor has at once */
  subgroups: number;
  flops: number;
  bytes: number;
  /** what holds most of its time */
  bound: Bound;
  predictedMs: number;
  /** where it was measured */
  measuredMs?: number;
}

/** What the model says of a step, or of describing. */
export interface ModelledStep {
  device: DeviceDescription;
  patches: number;
  dispatches: number;
  flops: number;
  bytes: number;
  predictedMs: number;
  /** of the peak in 32 bits, by the operations that are done */
  shareOfPeak: number;
  patchesPerSecond: number;
  /** the longest first */
  kernels: ModelledKernel[];
}

/**
 * Predicts what every dispatch takes on a device and adds them up by kernel and shape.
 *
 * @param measuredMs of every dispatch, where it was measured
 * @throws {Error} when a kernel has no cost
 */
export function modelStep(
  dispatches: readonly RecordedDispatch[],
  patches: number,
  device: DeviceDescription,
  measuredMs?: readonly number[],
): ModelledStep {
  const kernels = new Map<string, ModelledKernel>();
  const timeOfBound = new Map<ModelledKernel, Map<Bound, number>>();
  for (const [index, { stem, dispatch, text, cost }] of dispatches.entries()) {
    if (cost === undefined) throw new Error(`${stem} has no cost`);
    const [x, y = 1, z = 1] = dispatch.groups;
    const { groupThreads } = text;
    const workgroups = x * y * z;
    const prediction = predictDispatch(
      cost,
      { workgroups, groupThreads },
      device,
    );
    const name = `${stem} ${cost.work} ${groupThreads}`;
    const row = kernels.get(name) ?? {
      kernel: stem,
      work: cost.work,
      dispatches: 0,
      workgroups: 0,
      groupThreads,
      registers: 0,
      workgroupBytes: cost.workgroupBytes ?? 0,
      subgroups: 0,
      flops: 0,
      bytes: 0,
      bound: prediction.bound,
      predictedMs: 0,
    };
    kernels.set(name, row);
    row.dispatches++;
    row.workgroups = Math.max(row.workgroups, workgroups);
    row.registers = Math.max(row.registers, cost.registers);
    row.subgroups = Math.max(row.subgroups, prediction.subgroups);
    row.flops += flopsOf(cost);
    row.bytes += cost.bytes;
    row.predictedMs += prediction.timeMs;
    if (measuredMs !== undefined) {
      row.measuredMs = (row.measuredMs ?? 0) + measuredMs[index];
    }
    const times = timeOfBound.get(row) ?? new Map<Bound, number>();
    timeOfBound.set(row, times);
    addTime(times, prediction);
    row.bound = longest(times);
  }
  const rows = [...kernels.values()];
  const sum = (of: (row: ModelledKernel) => number) =>
    rows.reduce((total, row) => total + of(row), 0);
  const predictedMs = sum(({ predictedMs }) => predictedMs);
  const flops = sum(({ flops }) => flops);
  return {
    device,
    patches,
    dispatches: dispatches.length,
    flops,
    bytes: sum(({ bytes }) => bytes),
    predictedMs,
    shareOfPeak: flops / 1e6 / predictedMs / device.fp32Gflops,
    patchesPerSecond: patches / predictedMs * 1e3,
    kernels: rows.sort((a, b) => b.predictedMs - a.predictedMs),
  };
}

function addTime(
  times: Map<Bound, number>,
  { bound, timeMs }: Prediction,
): void {
  times.set(bound, (times.get(bound) ?? 0) + timeMs);
}

function longest(times: ReadonlyMap<Bound, number>): Bound {
  const [[bound]] = [...times].sort((a, b) => b[1] - a[1]);
  return bound;
}
