import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { Recorder, whole } from "../../../gpu/recorder.ts";
import { accumulate } from "../../../gpu/sums/accumulate.ts";
import { Tensor } from "../../../gpu/tensor.ts";
import { KernelTimes } from "../../../gpu/tuning/kernel_times.ts";
import { nanosecondsOfTick } from "../../../gpu/tuning/tick_length.ts";
import { idleGpu } from "../../helpers/gpu/idle_device.ts";

describe("the length of a tick", () => {
  it("is a nanosecond where the clocks agree but for the wait", () => {
    for (const wallMs of [100, 101, 112, 149, 70]) {
      assert.equal(nanosecondsOfTick([{ wallMs, ticks: 100e6 }]), 1);
    }
  });

  it("is what the clocks differ by otherwise", () => {
    assert.equal(nanosecondsOfTick([{ wallMs: 100, ticks: 10e6 }]), 10);
    const length = nanosecondsOfTick([{ wallMs: 100, ticks: 1.2e6 }]);
    assert.ok(Math.abs(length - 83.3) < 0.1);
    assert.equal(nanosecondsOfTick([{ wallMs: 100, ticks: 200e6 }]), 0.5);
  });

  it("follows the reading that was disturbed least", () => {
    const readings = [400, 110, 250].map((wallMs) => ({ wallMs, ticks: 1e8 }));
    assert.equal(nanosecondsOfTick(readings), 1);
  });

  it("is a nanosecond where a clock stands still", () => {
    assert.equal(nanosecondsOfTick([{ wallMs: 100, ticks: 0 }]), 1);
  });
});

/** Milliseconds of every dispatch on the device of {@linkcode timesOfDispatches}, and of every wait for it. */
const dispatchMs = 5;
const waitMs = 8;

/** The times of some dispatches on a device that computes nothing and whose ticks have so many nanoseconds. */
async function timesOfDispatches(nanoseconds: number): Promise<number[]> {
  let nowMs = 1000;
  const tick = () => BigInt(Math.round(nowMs * 1e6 / nanoseconds));
  type Buffer = { ticks: bigint[] };
  const gpu = idleGpu("discrete");
  const nothing = () => {};
  const pass = gpu.device.createCommandEncoder().beginComputePass();
  Object.assign(gpu.device, {
    features: new Set(["timestamp-query"]),
    createQuerySet: () => ({ ticks: [], destroy: nothing }),
    createBuffer: () => ({
      ticks: [],
      destroy: nothing,
      unmap: nothing,
      mapAsync: () => Promise.resolve(nowMs += waitMs),
      getMappedRange() {
        return BigUint64Array.from(this.ticks).buffer;
      },
    }),
    createCommandEncoder: () => ({
      beginComputePass({ timestampWrites: writes }: {
        timestampWrites: GPUComputePassTimestampWrites;
      }) {
        const { ticks } = writes.querySet as unknown as Buffer;
        ticks[writes.beginningOfPassWriteIndex!] = tick();
        nowMs += dispatchMs;
        ticks[writes.endOfPassWriteIndex!] = tick();
        return pass;
      },
      resolveQuerySet(set: Buffer, first: number, count: number, to: Buffer) {
        to.ticks = set.ticks.slice(first, first + count);
      },
      copyBufferToBuffer(from: Buffer, _at: number, to: Buffer) {
        to.ticks = from.ticks;
      },
      finish: nothing,
    }),
  });
  Object.assign(gpu.device.queue, {
    onSubmittedWorkDone: () => Promise.resolve(),
  });
  using times = new KernelTimes(gpu, () => nowMs);
  using recorder = new Recorder(gpu);
  using partial = new Tensor(gpu, "parts", [16, 4]);
  using total = new Tensor(gpu, "total", [4]);
  times.start();
  for (let i = 0; i < 3; i++) {
    const totals = [whole(total)];
    accumulate(recorder, [{ partial: whole(partial), totals, parts: 16 }]);
  }
  recorder.submit();
  return (await times.stop()).map(({ timeMs }) => timeMs);
}

describe("the times of kernels", () => {
  it("are milliseconds, whatever the adapter counts", async () => {
    for (const nanoseconds of [1, 10, 83.3]) {
      const found = await timesOfDispatches(nanoseconds);
      assert.equal(found.length, 3);
      for (const timeMs of found) {
        assert.ok(Math.abs(timeMs - dispatchMs) < 0.5, `${timeMs} ms`);
      }
    }
  });
});
