import type { Gpu } from "../../gpu/device.ts";
import { kernel } from "../../gpu/kernel.ts";
import { Recorder } from "../../gpu/recorder.ts";
import { Tensor } from "../../gpu/tensor.ts";

const multiplyAddSource = `
// Independent chains of vec4 multiply-adds, no memory in the loop.
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
    for (var c = 0u; c < CHAINS; c++) {
      sum[c] = fma(sum[c], m, m);
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
  y[id.x] = x[id.x];
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

/** What the adapter can do at most: multiply-adds in GFLOP/s (two each), copying in GB/s (read and written bytes). */
export async function measureCeilings(
  gpu: Gpu,
): Promise<{ gflops: number; gbPerSecond: number }> {
  using recorder = new Recorder(gpu);
  const software = gpu.adapter.deviceClass === "software";
  const chains = 8;
  const rounds = software ? 4096 : 65536;
  const threads = software ? 8192 : 1 << 20;
  using y = new Tensor(gpu, "ceiling output", [threads * 4]);
  const multiplyAdd = kernel(gpu, "multiply-add ceiling", multiplyAddSource, {
    CHAINS: chains,
    ROUNDS: rounds,
  });
  const computeMs = await shortestMs(5, () => {
    recorder.dispatch(multiplyAdd, [y], [threads / 64]);
    recorder.submit();
  }, () => y.read(0, 4));
  const copied = 1 << 24;
  using from = new Tensor(gpu, "copy source", [copied]);
  using to = new Tensor(gpu, "copy target", [copied]);
  const copy = kernel(gpu, "copy ceiling", copySource);
  const copyMs = await shortestMs(5, () => {
    // Four copies in one submit, so that the read-back's wait weighs little.
    for (let i = 0; i < 4; i++) {
      recorder.dispatch(copy, [from, to], [copied / 4 / 64 / 8, 8]);
    }
    recorder.submit();
  }, () => to.read(0, 4));
  return {
    gflops: threads * chains * rounds * 8 / computeMs / 1e6,
    gbPerSecond: 4 * copied / 8 * 8 / copyMs / 1e6,
  };
}
