import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { kernel } from "../../gpu/kernel.ts";
import { openGpu } from "../../gpu/device.ts";
import {
  type Dispatch,
  observeDispatches,
  Recorder,
} from "../../gpu/recorder.ts";
import { randomBits, randomStream } from "../../gpu/random_bits.ts";
import { Arena } from "../../gpu/tensor.ts";
import { openBench } from "../helpers/gpu/gpu_op.ts";

const { gpu, recorder, arena } = await openBench();

/** out[at] ← 2·out[at] + f32(value) + add */
const updateSource = `
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
struct Params {
  at: u32,
  value: u32,
  add: f32,
}
@group(0) @binding(1) var<uniform> params: Params;
@compute @workgroup_size(1)
fn main() { out[params.at] = 2.0 * out[params.at] + f32(params.value) + params.add; }
`;
const update = kernel(gpu, "update", updateSource);

const params = (at: number, value: number, add = 0) => [
  { u32: at },
  { u32: value },
  { f32: add },
];

describe("Recorder", () => {
  it("runs dispatches in order, each with its own uniforms", async () => {
    const out = arena.tensor("out", [2]);
    recorder.dispatch(update, [out], [1], params(0, 3));
    recorder.dispatch(update, [out], [1], params(0, 5, -0.5));
    recorder.dispatch(update, [out], [1], params(1, 7, 0.25));
    recorder.submit();
    assert.deepEqual(await out.read(), Float32Array.of(10.5, 7.25));
  });

  it("reads back what was there when it submitted", async () => {
    const out = arena.tensor("out", [3]);
    const reads = [1, 2].map((value) => {
      recorder.dispatch(update, [out], [1], params(1, value));
      return recorder.submitAndRead(out, 2);
    });
    assert.deepEqual(await reads[1](), Float32Array.of(0, 4));
    assert.deepEqual(await reads[0](), Float32Array.of(0, 1));
  });

  it("submits by itself when its 1024 uniform slots are full", async () => {
    const count = 2500;
    const out = arena.tensor("out", [count]);
    for (let at = 0; at < count; at++) {
      recorder.dispatch(update, [out], [1], params(at, at, 0.5));
    }
    recorder.submit();
    assert.deepEqual(
      await out.read(),
      Float32Array.from({ length: count }, (_, at) => at + 0.5),
    );
  });

  it("copies and clears between dispatches, in order", async () => {
    const out = arena.tensor("out", [4]);
    const copy = arena.tensor("copy", [4]);
    recorder.dispatch(update, [out], [1], params(0, 1));
    recorder.copy(out, copy, 2, 0, 1);
    recorder.dispatch(update, [out], [1], params(0, 1));
    recorder.copy(out, copy, 1, 0, 3);
    recorder.clear(out);
    recorder.dispatch(update, [out], [1], params(2, 9));
    recorder.submit();
    assert.deepEqual(await copy.read(), Float32Array.of(0, 1, 0, 3));
    assert.deepEqual(await out.read(), Float32Array.of(0, 0, 9, 0));
  });

  it("binds a part of a tensor", async () => {
    const out = arena.tensor("out", [192]);
    const slice = { tensor: out, offset: 64, size: 64 };
    recorder.dispatch(update, [slice], [1], params(1, 6));
    recorder.submit();
    const expected = new Float32Array(192);
    expected[65] = 6;
    assert.deepEqual(await out.read(), expected);
  });

  it("binds what is asked for, in whatever order it comes", async () => {
    const tensors = [arena.tensor("one", [192]), arena.tensor("two", [192])];
    const thrice = kernel(gpu, "thrice", updateSource.replace("2.0", "3.0"));
    const expected = tensors.map(() => new Float32Array(192));
    const stream = randomStream(1, 1);
    for (let round = 0; round < 60; round++) {
      // Rounds of a few dispatches each, alike but for one thing or two.
      for (let place = 0; place < 4; place++) {
        const bits = randomBits(stream, round * 4 + place);
        const which = (bits >>> 28) === 0 ? 1 : 0;
        const offset = (bits >>> 20 & 15) === 0 ? 64 : 0;
        const size = (bits >>> 16 & 15) === 0 ? 64 : 128;
        const factor = (bits >>> 12 & 15) === 0 ? 3 : 2;
        const slice = { tensor: tensors[which], offset, size };
        // The last place that the slice reaches is a size's own.
        const at = place % 2 === 0 ? place : size - 1;
        const compiled = factor === 3 ? thrice : update;
        recorder.dispatch(compiled, [slice], [1], params(at, place));
        const values = expected[which];
        values[offset + at] = factor * values[offset + at] + place;
      }
      recorder.submit();
      // Before the numbers get too large to be exact.
      if (round % 6 !== 5) continue;
      for (const [at, tensor] of tensors.entries()) {
        assert.deepEqual(await tensor.read(), expected[at]);
        recorder.clear(tensor);
        expected[at].fill(0);
      }
    }
  });

  it("does nothing when nothing was recorded", async () => {
    recorder.submit();
    recorder.submit();
    const out = arena.tensor("out", [1]);
    assert.deepEqual(await out.read(), Float32Array.of(0));
  });

  it("refuses too many workgroups and too many uniforms", async () => {
    const out = arena.tensor("out", [1]);
    assert.throws(
      () => recorder.dispatch(update, [out], [1, 65536], params(0, 1)),
      {
        name: "GpuError",
        message:
          "Cannot run update: workgroups along y: found 65536, wanted 1 to 65535; use another batch size",
      },
    );
    const many = Array.from({ length: 129 }, () => ({ u32: 0 }));
    assert.throws(() => recorder.dispatch(update, [out], [1], many), {
      name: "GpuError",
      message:
        "Cannot record a dispatch: Params: found 129 values, wanted at most 128",
    });
    recorder.dispatch(update, [out], [1], params(0, 2));
    recorder.submit();
    assert.deepEqual(await out.read(), Float32Array.of(2));
  });

  it("tells an observer of every dispatch, and times those that it wants timed", async () => {
    using own = await openGpu({ timestamps: true });
    const { device } = own;
    const isTimed = device.features.has("timestamp-query");
    const querySet = isTimed
      ? device.createQuerySet({ type: "timestamp", count: 2 })
      : undefined;
    const seen: Dispatch[] = [];
    observeDispatches(own, (dispatch) => {
      seen.push(dispatch);
      if (seen.length !== 2 || querySet === undefined) return undefined;
      return {
        querySet,
        beginningOfPassWriteIndex: 0,
        endOfPassWriteIndex: 1,
      };
    });
    using observed = new Recorder(own);
    using tensors = new Arena(own);
    const out = tensors.tensor("out", [1]);
    const twice = kernel(own, "twice", updateSource);
    const all = [params(0, 3), params(0, 5, -0.5), params(0, 1)];
    for (const uniform of all) observed.dispatch(twice, [out], [1], uniform);
    observed.submit();
    assert.deepEqual(await out.read(), Float32Array.of(22));
    assert.deepEqual(
      seen,
      all.map((uniform) => ({
        kernel: twice,
        tensors: [out],
        groups: [1],
        uniform,
      })),
    );
    if (querySet === undefined) return;
    const times = device.createBuffer({
      size: 16,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    });
    const staging = device.createBuffer({
      size: 16,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    const encoder = device.createCommandEncoder();
    encoder.resolveQuerySet(querySet, 0, 2, times, 0);
    encoder.copyBufferToBuffer(times, 0, staging, 0, 16);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const [begin, end] = new BigUint64Array(staging.getMappedRange());
    assert.ok(begin > 0n && end > begin, `${begin} to ${end}`);
  });
});
