import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { PipelineError } from "../../../pipeline/errors.ts";
import {
  describedDevices,
  lanesOf,
  readDeviceDescription,
  withCeilings,
} from "./device_description.ts";

/** Reads the description of the H100 with members changed, as a file of one's own. */
function readChanged(changed: Record<string, unknown>) {
  const path = Deno.makeTempFileSync({ suffix: ".json" });
  try {
    const value = { ...readDeviceDescription("h100"), ...changed };
    Deno.writeTextFileSync(path, JSON.stringify(value));
    return readDeviceDescription(path);
  } finally {
    Deno.removeSync(path);
  }
}

describe("readDeviceDescription", () => {
  it("knows the devices that come with the program", () => {
    for (const name of describedDevices) {
      const device = readDeviceDescription(name);
      assert.ok(device.sources.length > 0);
    }
    const [h100, rtx4090, m2] = ["h100", "rtx4090", "m2"].map((name) =>
      lanesOf(readDeviceDescription(name))
    );
    for (const lanes of [h100, rtx4090, m2]) {
      assert.ok(Math.abs(lanes - 128) < 1, String(lanes));
    }
  });

  it("reads a file of one's own", () => {
    assert.equal(readChanged({ multiprocessors: 114 }).multiprocessors, 114);
    assert.equal(readChanged({ launchMicroseconds: 0 }).launchMicroseconds, 0);
  });

  it("refuses what it does not understand, in one line", () => {
    const changes: [Record<string, unknown>, RegExp][] = [
      [{ clockMhz: 0 }, /found clockMhz 0, wanted a number above 0/],
      [{ clockMhz: "fast" }, /found clockMhz "fast"/],
      [{ cacheMib: undefined }, /found cacheMib missing/],
      [{ cacheLatencyNs: -1 }, /wanted a number from 0 on/],
      [{ deviceClass: "quantum" }, /wanted software, integrated, discrete/],
      [{ name: 5 }, /no name/],
      [{ sources: [] }, /no sources/],
      [{ tensorCores: 4 }, /an unknown member tensorCores/],
    ];
    for (const [changed, message] of changes) {
      assert.throws(() => readChanged(changed), (error: Error) => {
        assert.ok(error instanceof PipelineError);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /\n/);
        return true;
      });
    }
    const path = Deno.makeTempFileSync();
    Deno.writeTextFileSync(path, "{");
    assert.throws(() => readDeviceDescription(path), /found no JSON/);
    Deno.writeTextFileSync(path, "null");
    assert.throws(() => readDeviceDescription(path), /multiprocessors missing/);
    Deno.removeSync(path);
    assert.throws(() => readDeviceDescription("h1000"), /wanted h100, rtx4090/);
  });
});

describe("withCeilings", () => {
  it("has the measured ceilings, and as many multiprocessors as they take", () => {
    const m2 = readDeviceDescription("m2");
    const ceilings = { gflops: 7000, gbPerSecond: 200 };
    const device = withCeilings(m2, "Apple M2 Pro", ceilings);
    assert.equal(device.multiprocessors, 20);
    assert.ok(Math.abs(lanesOf(device) - lanesOf(m2)) < 1e-9);
    assert.equal(device.fp32Gflops, 7000);
    assert.equal(device.memoryGbPerSecond, 200);
    assert.equal(device.cacheGbPerSecond, 2 * m2.cacheGbPerSecond);
    const slow = withCeilings(m2, "slow", { gflops: 10, gbPerSecond: 1 });
    assert.equal(slow.multiprocessors, 1);
  });
});
