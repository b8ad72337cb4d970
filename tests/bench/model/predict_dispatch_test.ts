import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { Cost } from "../../../gpu/costs/cost.ts";
import type { DeviceDescription } from "./device_description.ts";
import { predictDispatch } from "./predict_dispatch.ts";

/** Ten multiprocessors of 128 lanes at 1 GHz, with round figures. */
const device: DeviceDescription = {
  name: "a device",
  deviceClass: "discrete",
  multiprocessors: 10,
  clockMhz: 1000,
  fp32Gflops: 2560,
  memoryGbPerSecond: 100,
  cacheMib: 2,
  cacheGbPerSecond: 1000,
  loadBytesPerClock: 128,
  loadLinesPerClock: 1,
  uniformLoadClocks: 1,
  nearLatencyNs: 40,
  cacheLatencyNs: 200,
  memoryLatencyNs: 600,
  launchMicroseconds: 5,
  subgroupThreads: 32,
  threadsPerMultiprocessor: 2048,
  groupsPerMultiprocessor: 32,
  registersPerMultiprocessor: 65536,
  registersPerThread: 255,
  workgroupKibPerMultiprocessor: 64,
  sources: ["made up"],
};

const idle: Cost = {
  work: "",
  multiplyAdds: 0,
  operations: 0,
  bytes: 1,
  access: [],
  registers: 32,
  waits: 1,
};

/** As many workgroups of 256 threads as fill the device `times` over. */
const full = (times: number) => ({ workgroups: 80 * times, groupThreads: 256 });

function assertNear(found: number, wanted: number): void {
  assert.ok(
    Math.abs(found - wanted) <= 1e-9 * wanted,
    `${found} instead of ${wanted}`,
  );
}

describe("predictDispatch", () => {
  it("takes arithmetic for what holds a kernel that multiplies", () => {
    const threads = 80 * 256;
    // 100,000 multiply-adds a thread: 8 groups of 8 subgroups a multiprocessor, a clock each on a quarter of its lanes.
    const cost = { ...idle, multiplyAdds: 1e5 * threads };
    const { bound, timeMs, boundsMs, subgroups } = predictDispatch(
      cost,
      full(1),
      device,
    );
    assert.equal(bound, "arithmetic");
    assert.equal(subgroups, 64);
    assertNear(boundsMs.arithmetic, 64 * 1e5 / 4 / 1e6);
    assertNear(timeMs, 0.005 + boundsMs.arithmetic);
    // The peak: two operations a multiply-add.
    assertNear(2 * cost.multiplyAdds / boundsMs.arithmetic / 1e6, 2560);
    // Threads that wait for others of their subgroup take as long as if they multiplied.
    const waiting = {
      ...cost,
      multiplyAdds: 6e4 * threads,
      otherInstructions: 4e4 * threads,
    };
    assertNear(predictDispatch(waiting, full(1), device).timeMs, timeMs);
  });

  it("takes memory for what holds a kernel that copies, beyond half of the last cache", () => {
    const cost: Cost = {
      ...idle,
      bytes: 2 ** 20 + 1e9,
      access: [
        { count: 100, bytes: 16, strideBytes: 16 },
      ],
      waits: 1,
    };
    const { bound, boundsMs, timeMs } = predictDispatch(cost, full(1), device);
    assert.equal(bound, "memory");
    assertNear(boundsMs.memory, 10);
    assertNear(boundsMs.cache, (2 ** 20 + 1e9) / 1e9);
    assertNear(timeMs, 10.005);
    const small = predictDispatch({ ...cost, bytes: 1e6 }, full(1), device);
    assert.equal(small.boundsMs.memory, 0);
  });

  it("takes latency for what holds a kernel of few threads that wait again and again", () => {
    const cost: Cost = {
      ...idle,
      access: [{ count: 1000, bytes: 4, strideBytes: 4 }],
      waits: 1000,
    };
    const cut = { workgroups: 1, groupThreads: 32 };
    const { bound, boundsMs } = predictDispatch(cost, cut, device);
    assert.equal(bound, "latency");
    // 200 ns and the three clocks of a load's instructions and its transfer, a thousand times.
    assertNear(boundsMs.latency, 1000 * (200 + 3) / 1e6);
    // Twice as many as fit at once: two waves.
    const twice = predictDispatch(cost, full(2), device);
    assertNear(twice.boundsMs.latency, 2 * boundsMs.latency);
  });

  it("takes the pause between dispatches for what holds a kernel that does nearly nothing", () => {
    const { bound, timeMs } = predictDispatch(
      { ...idle, operations: 100 },
      { workgroups: 1, groupThreads: 64 },
      device,
    );
    assert.equal(bound, "launch");
    assert.ok(timeMs > 0.005 && timeMs < 0.0053);
  });

  it("takes loads for what holds a kernel whose neighbours load far apart", () => {
    const cost: Cost = {
      ...idle,
      access: [{ count: 1000, bytes: 16, strideBytes: 4096, reuse: 1e6 }],
      waits: 1,
    };
    const { bound, boundsMs } = predictDispatch(cost, full(1), device);
    assert.equal(bound, "loads");
    // 32 lines a subgroup instead of the four clocks that 512 bytes take.
    assertNear(boundsMs.loads, 64 * 1000 * 32 / 1e6);
    const near = [{ ...cost.access[0], strideBytes: 16 }];
    const coalesced = predictDispatch(
      { ...cost, access: near },
      full(1),
      device,
    );
    assertNear(coalesced.boundsMs.loads, 64 * 1000 * 4 / 1e6);
  });

  it("serves threads that want the same once, and a uniform binding by addresses", () => {
    const loads = (access: Partial<Cost["access"][0]>) =>
      predictDispatch(
        {
          ...idle,
          access: [{
            count: 1000,
            bytes: 16,
            strideBytes: 4096,
            reuse: 1e6,
            ...access,
          }],
        },
        full(1),
        device,
      ).boundsMs.loads / (64 * 1000 / 1e6);
    assertNear(loads({ sharedBy: 4 }), 8);
    assertNear(loads({ period: 6 }), 6);
    assertNear(loads({ sharedBy: 32 }), 4);
    assertNear(loads({ memory: "uniform", strideBytes: 0 }), 1);
    assertNear(loads({ memory: "uniform", period: 6 }), 6);
  });

  it("counts threads of workgroup memory that want the same bank", () => {
    const loads = (bytes: number, strideBytes: number) =>
      predictDispatch(
        {
          ...idle,
          access: [{ count: 1000, bytes, strideBytes, memory: "workgroup" }],
        },
        full(1),
        device,
      ).boundsMs.loads / (64 * 1000 / 1e6);
    assertNear(loads(4, 4), 1);
    assertNear(loads(4, 8), 2);
    assertNear(loads(4, 128), 32);
    assertNear(loads(4, 132), 1);
    assertNear(loads(16, 16), 4);
    assertNear(loads(16, 128), 32);
    assertNear(loads(16, 0), 4);
  });

  it("holds fewer workgroups where they take more registers, memory or threads", () => {
    const subgroups = (changed: Partial<Cost>, groupThreads = 256) =>
      predictDispatch(
        { ...idle, ...changed },
        { workgroups: 1000, groupThreads },
        device,
      ).subgroups;
    assert.equal(subgroups({}), 64);
    assert.equal(subgroups({ registers: 128 }), 16);
    assert.equal(subgroups({ registers: 129 }), 8);
    assert.equal(subgroups({ workgroupBytes: 24 * 1024 }), 16);
    assert.equal(subgroups({}, 16), 32);
  });

  it("stores and loads what a thread's registers do not hold", () => {
    const cost = { ...idle, registers: 265, waits: 100 };
    const { spilled, boundsMs } = predictDispatch(cost, full(1), device);
    assert.equal(spilled, 10);
    assertNear(boundsMs.loads, 64 * 2 * 10 * 100 / 1e6);
    assertNear(boundsMs.cache, 80 * 256 * 2 * 10 * 100 * 4 / 1e9);
  });

  it("overlaps arithmetic and loads only as far as there are other subgroups", () => {
    const cost = (threads: number): Cost => ({
      ...idle,
      multiplyAdds: 4000 * threads,
      access: [{ count: 100, bytes: 16, strideBytes: 4096, reuse: 1e6 }],
    });
    const one = { workgroups: 40, groupThreads: 32 };
    const alone = predictDispatch(cost(40 * 32), one, device);
    // Four subgroups for four schedulers: nothing to go on with.
    assertNear(
      alone.timeMs - 0.005,
      Math.max(
        alone.boundsMs.arithmetic + alone.boundsMs.loads,
        alone.boundsMs.latency,
      ),
    );
    const many = predictDispatch(cost(80 * 256), full(1), device);
    assertNear(
      many.timeMs - 0.005,
      many.boundsMs.arithmetic / 16 + many.boundsMs.loads,
    );
  });
});
