import type { Gpu } from "../../gpu/device.ts";
import type { DeviceClass } from "../../gpu/device_class.ts";
import { kernel } from "../../gpu/kernel.ts";
import { type GrantedMemory, grantedMemory } from "../../gpu/memory_probe.ts";
import { Recorder } from "../../gpu/recorder.ts";
import { Tensor } from "../../gpu/tensor.ts";

/** Exported for the test of how much of its loop multiplies and adds. */
export const multiplyAddSource = `
// Independent chains of vec4 multiply-adds, no memory in the loop, whose counter is paid once for many of them.
@group(0) @binding(0) var<storage, read_write> y: array<vec4<f32>>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let m = vec4<f32>(f32(id.x) * 1e-9);
  var sum: array<vec4<f32>, CHAINS>;
  // @unroll
  for (var c = 0u; c < CHAINS; c++) {
    sum[c] = vec4<f32>(f32(id.x + c));
  }
  for (var i = 0u; i < ROUNDS; i++) {
    // @unroll
    for (var k = 0u; k < UNROLLED; k++) {
      // @unroll
      for (var c = 0u; c < CHAINS; c++) {
        sum[c] = fma(sum[c], m, m);
      }
    }
  }
  var total = vec4<f32>(0.0);
  // @unroll
  for (var c = 0u; c < CHAINS; c++) {
    total += sum[c];
  }
  y[id.x] = total;
}`;

const copySource = `
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4<f32>>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.y * ROW + id.x;
  y[i] = x[i];
}`;

/** The shortest of several runs, in ms, the last tensor read standing for the wait. */
export async function shortestMs(
  runs: number,
  record: () => void,
  wait: () => Promise<unknown>,
): Promise<number> {
  let best = Infinity;
  for (let run = 0; run < runs; run++) {
    const startMs = performance.now();
    record();
    await wait();
    best = Math.min(best, performance.now() - startMs);
  }
  return best;
}

/** What the adapter can do at most. */
export interface Ceilings {
  /** multiply-adds, two operations each */
  gflops: number;
  /** copying, bytes read and bytes written */
  gbPerSecond: number;
}

/** Least time of a measurement, so that what a read-back adds, up to 10 ms, weighs little. */
const leastMs = { software: 50, gpu: 200 };
/** By how much more is done when a measurement was too short. */
const growth = 4;

/** Chains of multiply-adds that a thread works on, and links of each in one round of its loop. */
export const chainConstants = { CHAINS: 8, UNROLLED: 8 };

/** Sizes of one dispatch of each kernel. */
export interface CeilingWork {
  threads: number;
  rounds: number;
  /** operations of a dispatch that multiplies and adds, two each */
  flops: number;
  /** 32-bit values that a dispatch copies */
  copied: number;
}

/**
 * What one dispatch does: little enough for a GPU of 0.15 TFLOP/s to be done in a second, after which drivers take it for hanging;
 * faster ones are given several. Copies are larger than the caches of large cards where the driver grants that.
 */
export function ceilingWork(
  deviceClass: DeviceClass,
  { totalBytes, pieceBytes }: GrantedMemory,
): CeilingWork {
  const isSoftware = deviceClass === "software";
  const rounds = isSoftware ? 512 : 256;
  const threads = isSoftware ? 8192 : 1 << 20;
  const { CHAINS, UNROLLED } = chainConstants;
  const bytes = Math.min(copiedBytes(deviceClass), pieceBytes, totalBytes / 2);
  return {
    threads,
    rounds,
    flops: threads * rounds * CHAINS * UNROLLED * 8,
    copied: Math.floor(bytes / 4 / copyRows / 256) * copyRows * 256,
  };
}

/** Rows of groups that copy. */
const copyRows = 8;

function copiedBytes(deviceClass: DeviceClass): number {
  return (deviceClass === "software" ? 64 : 256) * 2 ** 20;
}

/** Measures the adapter's ceilings with a kernel that only multiplies and adds, and one that only copies. */
export async function measureCeilings(gpu: Gpu): Promise<Ceilings> {
  using recorder = new Recorder(gpu);
  const { deviceClass } = gpu.adapter;
  const wanted = 2 * copiedBytes(deviceClass);
  const granted = await grantedMemory(gpu.device, wanted);
  const work = ceilingWork(deviceClass, granted);
  const { threads, rounds, copied } = work;
  using y = new Tensor(gpu, "ceiling output", [threads * 4]);
  const multiplyAdd = kernel(gpu, "multiply-add ceiling", multiplyAddSource, {
    ...chainConstants,
    ROUNDS: rounds,
  });
  using from = new Tensor(gpu, "copy source", [copied]);
  using to = new Tensor(gpu, "copy target", [copied]);
  const rowVectors = copied / 4 / copyRows;
  const copy = kernel(gpu, "copy ceiling", copySource, { ROW: rowVectors });
  /** Milliseconds of one dispatch among enough of them. */
  const dispatchMs = async (record: () => void, output: Tensor) => {
    const least = deviceClass === "software" ? leastMs.software : leastMs.gpu;
    for (let times = 1;; times *= growth) {
      const timeMs = await shortestMs(5, () => {
        for (let i = 0; i < times; i++) record();
        recorder.submit();
      }, () => output.read(0, 4));
      if (timeMs >= least) return timeMs / times;
    }
  };
  const computeMs = await dispatchMs(
    () => recorder.dispatch(multiplyAdd, [y], [threads / 64]),
    y,
  );
  const copyMs = await dispatchMs(
    () => recorder.dispatch(copy, [from, to], [rowVectors / 64, copyRows]),
    to,
  );
  return {
    gflops: work.flops / computeMs / 1e6,
    gbPerSecond: 2 * from.sizeBytes / copyMs / 1e6,
  };
}
