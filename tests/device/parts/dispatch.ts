/** What a dispatch, a submit, an upload and a read-back cost. */
import { openGpu } from "../../../gpu/device.ts";
import { kernel } from "../../../gpu/kernel.ts";
import { grantedMemory } from "../../../gpu/memory_probe.ts";
import { Recorder, unsigned } from "../../../gpu/recorder.ts";
import { Tensor } from "../../../gpu/tensor.ts";
import { partOptions, report, spread } from "../report.ts";

const { tiny } = partOptions();
const runs = tiny ? 2 : 20;
const dispatches = 1000;

const increment = `
struct Params { by: u32 }
@group(0) @binding(0) var<storage, read_write> y: array<u32>;
@group(0) @binding(1) var<uniform> params: Params;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  y[id.x] += params.by;
}`;

using gpu = await openGpu();
using recorder = new Recorder(gpu);
using y = new Tensor(gpu, "counter", [64], { type: "u32" });
const program = kernel(gpu, "increment", increment);
const record: number[] = [];
const submit: number[] = [];
const done: number[] = [];
for (let run = 0; run < runs; run++) {
  const startMs = performance.now();
  for (let i = 0; i < dispatches; i++) {
    recorder.dispatch(program, [y], [1], unsigned(1));
  }
  record.push(performance.now() - startMs);
  recorder.submit();
  submit.push(performance.now() - startMs - record[run]);
  await y.read(0, 1);
  done.push(performance.now() - startMs);
}
const rounds = tiny ? 1 : 50;
const rowStartMs = performance.now();
for (let round = 0; round < rounds; round++) {
  for (let i = 0; i < dispatches; i++) {
    recorder.dispatch(program, [y], [1], unsigned(1));
  }
  recorder.submit();
}
await y.read(0, 1);
const rowMs = performance.now() - rowStartMs;
const [counted] = await y.read(0, 1);
report({
  dispatches,
  // Each waits for the one before: the device's cost of a dispatch that does nothing, the wait for the read-back included.
  record: spread(record),
  submit: spread(submit),
  done: spread(done),
  first: { recordMs: record[0], doneMs: done[0] },
  /** of one among many thousand with one wait at the end */
  dispatchMicroseconds: 1000 * rowMs / rounds / dispatches,
});
if (counted !== dispatches * (runs + rounds)) {
  throw new Error(`counted ${counted}`);
}

const emptyMs: number[] = [];
for (let run = 0; run < runs; run++) {
  const startMs = performance.now();
  recorder.dispatch(program, [y], [1], unsigned(1));
  recorder.submit();
  await y.read(0, 1);
  emptyMs.push(performance.now() - startMs);
}
report({ dispatchAndReadBack: spread(emptyMs) });

// Of 256 MiB, what the driver grants in one piece.
const large = 256;
const { pieceBytes } = await grantedMemory(gpu.device, large * 2 ** 20);
const sizes = [1, Math.min(large, pieceBytes / 2 ** 20)];
for (const mebibytes of tiny ? [1] : sizes.filter((size) => size > 0)) {
  using tensor = new Tensor(gpu, "block", [mebibytes * 2 ** 18]);
  const values = new Float32Array(tensor.size).fill(1);
  const upload: number[] = [];
  const readBack: number[] = [];
  for (let run = 0; run < (tiny ? 1 : 5); run++) {
    let startMs = performance.now();
    tensor.write(values);
    await tensor.read(0, 4);
    upload.push(performance.now() - startMs);
    startMs = performance.now();
    await tensor.read();
    readBack.push(performance.now() - startMs);
  }
  report({
    [`block${mebibytes}Mib`]: {
      upload: spread(upload),
      readBack: spread(readBack),
    },
  });
}
