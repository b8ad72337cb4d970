/** Small kernels whose answers are known exactly: if one is wrong here, no other figure means anything. */
import { type Gpu, openGpu } from "../../../gpu/device.ts";
import { kernel } from "../../../gpu/kernel.ts";
import { Recorder } from "../../../gpu/recorder.ts";
import { Tensor } from "../../../gpu/tensor.ts";
import { report } from "../report.ts";

const count = 1 << 16;
const rounds = 200;

const integers = `
@group(0) @binding(0) var<storage, read_write> y: array<u32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  var state = id.x;
  for (var i = 0u; i < ROUNDS; i++) {
    state = state * 1664525u + 1013904223u;
    state ^= state >> 13u;
  }
  y[id.x] = state;
}`;

// Whole numbers below 2²⁴ are exact in f32, however products and sums are fused or ordered.
const floats = `
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  var sum = 0.0;
  for (var i = 0u; i < 64u; i++) {
    sum += x[(id.x + i) % COUNT] * x[(id.x + 3u * i) % COUNT];
  }
  y[id.x] = sum;
}`;

const shared = `
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
var<workgroup> part: array<f32, 64>;
@compute @workgroup_size(64)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) group: vec3<u32>,
) {
  part[lane] = x[group.x * 64u + lane];
  for (var step = 32u; step > 0u; step >>= 1u) {
    workgroupBarrier();
    if (lane < step) { part[lane] += part[lane + step]; }
  }
  if (lane == 0u) { y[group.x] = part[0]; }
}`;

using gpu = await openGpu();
const x = Float32Array.from({ length: count }, (_, i) => (i * 37) % 101);
const wrong = {
  integers: await differences(
    gpu,
    "integers",
    integers,
    new Uint32Array(count)
      .map((_, i) => {
        let state = i;
        for (let round = 0; round < rounds; round++) {
          state = Math.imul(state, 1664525) + 1013904223 >>> 0;
          state = (state ^ (state >>> 13)) >>> 0;
        }
        return state;
      }),
  ),
  floats: await differences(
    gpu,
    "floats",
    floats,
    x.map((_, at) => {
      let sum = 0;
      for (let i = 0; i < 64; i++) {
        sum += x[(at + i) % count] * x[(at + 3 * i) % count];
      }
      return sum;
    }),
  ),
  workgroups: await differences(
    gpu,
    "workgroups",
    shared,
    new Float32Array(count / 64).map((_, group) =>
      x.subarray(64 * group, 64 * group + 64).reduce((a, b) => a + b)
    ),
  ),
};
report({ values: count, wrong });
if (Object.values(wrong).some((number) => number > 0)) {
  throw new Error("the adapter computes wrongly");
}

/** How many of a kernel's values are not those expected. */
async function differences(
  gpu: Gpu,
  label: string,
  source: string,
  expected: Uint32Array | Float32Array,
): Promise<number> {
  using recorder = new Recorder(gpu);
  const isInteger = expected instanceof Uint32Array;
  using y = new Tensor(
    gpu,
    label,
    [expected.length],
    isInteger ? { type: "u32" } : {},
  );
  using input = new Tensor(gpu, "input", [count]);
  input.write(x);
  const constants = { ROUNDS: rounds, COUNT: count };
  const program = kernel(gpu, label, source, constants);
  recorder.dispatch(program, isInteger ? [y] : [input, y], [
    label === "workgroups" ? expected.length : expected.length / 64,
  ]);
  recorder.submit();
  const found = await y.read();
  return [...found].filter((value, i) => value !== expected[i]).length;
}
