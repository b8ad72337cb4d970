import { deepEqual } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { formatTimes } from "../../../pipeline/training/time_text.ts";

const probe = {
  steps: 20,
  patches: 768,
  adapter: "llvmpipe",
  patches_per_second: 171.4,
};

/** What is said of two stages that take so many seconds. */
function timesOf(stage1Seconds: number, stage2Seconds: number): string {
  const [measured, estimated] = formatTimes(probe, {
    stage1: stage1Seconds / 3600,
    stage2: stage2Seconds / 3600,
  });
  deepEqual(
    measured,
    "measured: 20 steps of 768 patches on llvmpipe, 171 patches/s",
  );
  const [, times] = estimated.match(
    /^estimated, by the number of patches: (.*); tests and extraction come on top$/,
  )!;
  return times;
}

describe("the times of a plan", () => {
  it("are told in seconds, minutes, hours and days, never as a fraction that says nothing", () => {
    for (
      const [stage1, stage2, told] of [
        [1.5, 0, "stage1 1.5 s, stage2 0 s, together 1.5 s"],
        [59, 1, "stage1 59 s, stage2 1 s, together 1 min"],
        [60, 3_599, "stage1 1 min, stage2 60 min, together 1 h"],
        [3_600, 360_000, "stage1 1 h, stage2 100 h, together 101 h (4.2 days)"],
        [86_400, 86_400, "stage1 24 h, stage2 24 h, together 48 h"],
        [0.0004, 0, "stage1 below 1 s, stage2 0 s, together below 1 s"],
      ] as const
    ) deepEqual(timesOf(stage1, stage2), told);
  });
});
