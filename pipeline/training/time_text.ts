import type { ProbeResult } from "./probe.ts";

/** How long the training stages take that have to run, in hours; 0 for one that has not. */
export type TrainingHours = { stage1: number; stage2: number };

/** What was measured, and how long training takes by it, a line each; days are told beyond two. */
export function formatTimes(
  { steps, patches, adapter, patches_per_second }: ProbeResult,
  { stage1, stage2 }: TrainingHours,
): string[] {
  const total = stage1 + stage2;
  const days = total > 48 ? ` (${rounded(total / 24)} days)` : "";
  return [
    `measured: ${steps} steps of ${patches} patches on ${adapter}, ${
      rounded(patches_per_second)
    } patches/s`,
    `estimated, by the number of patches: stage1 ${timeText(stage1)}, stage2 ${
      timeText(stage2)
    }, together ${timeText(total)}${days}; tests and extraction come on top`,
  ];
}

/** Hours in the unit that says them in a number that can be read. */
function timeText(hours: number): string {
  if (hours >= 1) return `${rounded(hours)} h`;
  if (hours >= 1 / 60) return `${rounded(60 * hours)} min`;
  const seconds = 3600 * hours;
  return seconds > 0 && seconds < 1 ? "below 1 s" : `${rounded(seconds)} s`;
}

/** Two significant digits, three from 100 on. */
function rounded(value: number): string {
  return String(Number(value.toPrecision(value >= 100 ? 3 : 2)));
}
