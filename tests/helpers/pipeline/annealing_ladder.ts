import assert from "node:assert/strict";
import type { annealingCycles } from "../../../pipeline/training/annealing.ts";
import { parseConfig } from "../../../pipeline/config.ts";

/** Fails unless the default config's cycles are the authors' 15. */
export function compareAnnealingLadder(cyclesOf: typeof annealingCycles): void {
  const text = "[download]\npatch_sets = 100000";
  const { stage2 } = parseConfig(text, "default.toml", []);
  const digits = (value: number) => value.toPrecision(8);
  assert.deepEqual(
    cyclesOf(stage2).map(({ batchSize, learningRate, threshold, steps }) => [
      batchSize,
      digits(learningRate),
      threshold.toFixed(8),
      steps,
    ]),
    Array.from({ length: 15 }, (_, c) => [
      2944 - 128 * (c + 1),
      digits(1.5e-6 * 0.75 ** c),
      (-0.1 + 0.05 * c).toFixed(8),
      1400,
    ]),
  );
}
