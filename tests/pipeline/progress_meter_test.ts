import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  createProgressMeter,
  formatDuration,
  formatNumber,
} from "../../pipeline/progress_meter.ts";

describe("a progress meter", () => {
  it("never wraps, however narrow it is", () => {
    const meter = createProgressMeter({
      label: "describe with rootsift",
      total: 1_000_000,
      unit: "patch strips",
      startMs: 0,
    });
    meter.update(0, {}, 0);
    meter.update(123_456, { loss: 3.25, rate: 1e-6 }, 10_000);
    for (let columns = 1; columns < 200; columns++) {
      const bar = meter.bar(columns, 12_000);
      assert.ok(bar.length < columns, `${columns} columns`);
    }
  });

  it("does not credit resumed work to the rate", () => {
    const meter = createProgressMeter({
      label: "x",
      total: 100,
      unit: "steps",
      startMs: 0,
    });
    meter.update(80, {}, 1_000);
    assert.equal(meter.line(), "x: 80/100 steps");
    meter.update(90, {}, 6_000);
    meter.update(94, {}, 8_000);
    assert.equal(meter.line(), "x: 94/100 steps, 2 steps/s, ETA 0:03");
  });

  it("counts the rate from the end of the first work, which compiles shaders", () => {
    const meter = createProgressMeter({
      label: "x",
      total: 100,
      unit: "steps",
      startMs: 0,
    });
    meter.update(0, {}, 0);
    meter.update(1, {}, 60_000);
    assert.equal(meter.line(), "x: 1/100 steps");
    meter.update(2, {}, 60_500);
    assert.equal(meter.line(), "x: 2/100 steps, 2 steps/s, ETA 0:49");
  });

  it("follows a rate that changes", () => {
    const meter = createProgressMeter({
      label: "x",
      total: 10_000,
      unit: "steps",
      startMs: 0,
    });
    for (let second = 0; second <= 100; second++) {
      meter.update(second * 50, {}, second * 1000);
    }
    for (let second = 1; second <= 100; second++) {
      meter.update(5000 + second, {}, 100_000 + second * 1000);
    }
    assert.match(meter.line(), /, 1 steps\/s, /);
  });

  it("counts what has no known end", () => {
    const meter = createProgressMeter({
      label: "read",
      total: 0,
      unit: "images",
      startMs: 0,
    });
    meter.update(0, {}, 0);
    meter.update(1, {}, 1_000);
    meter.update(7, {}, 7_000);
    assert.equal(meter.line(), "read: 7 images, 1 images/s");
    assert.equal(meter.bar(80, 9_000), "read  7 images  1 images/s  0:09");
  });
});

describe("formatDuration", () => {
  it("writes minutes and hours", () => {
    assert.equal(formatDuration(7), "0:07");
    assert.equal(formatDuration(754), "12:34");
    assert.equal(formatDuration(3723), "1:02:03");
    assert.equal(formatDuration(59.6), "1:00");
    assert.equal(formatDuration(-1), "0:00");
    assert.equal(formatDuration(Infinity), "?");
  });
});

describe("formatNumber", () => {
  it("writes four significant digits", () => {
    const cases: [number, string][] = [
      [0, "0"],
      [3.14159, "3.142"],
      [-0.5, "-0.5"],
      [1.5e-6, "1.5e-6"],
      [0.000123456, "1.235e-4"],
      [12340.4, "12340"],
      [123456789, "1.235e+8"],
      [NaN, "NaN"],
    ];
    for (const [value, text] of cases) assert.equal(formatNumber(value), text);
  });
});
