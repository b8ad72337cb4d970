import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { annealingCycles } from "../../../pipeline/training/annealing.ts";
import { parseConfig } from "../../../pipeline/config.ts";
import { assertClose } from "../../helpers/closeness.ts";

function cyclesOf(...overrides: string[]) {
  const text = "[download]\npatch_sets = 100000";
  return annealingCycles(parseConfig(text, "x.toml", overrides).stage2);
}

describe("annealingCycles", () => {
  it("is the authors' ladder of 15 cycles by default", () => {
    const cycles = cyclesOf();
    assert.deepEqual(
      cycles.map(({ batchSize }) => batchSize),
      [
        ...[2816, 2688, 2560, 2432, 2304, 2176, 2048, 1920, 1792, 1664],
        ...[1536, 1408, 1280, 1152, 1024],
      ],
    );
    assert.deepEqual(
      cycles.map(({ threshold }) => threshold.toFixed(10)),
      Array.from({ length: 15 }, (_, c) => ((c * 5 - 10) / 100).toFixed(10)),
    );
    for (const [c, { learningRate, steps }] of cycles.entries()) {
      assertClose(learningRate / (1.5e-6 * 0.75 ** c), 1, 1e-12);
      assert.equal(steps, 1400);
    }
  });

  it("follows each key of [stage2]", () => {
    const cycles = cyclesOf(
      "stage2.batch_size=50",
      "stage2.batch_step=10",
      "stage2.final_batch_size=30",
      "stage2.lr=8",
      "stage2.lr_factor=0.5",
      "stage2.threshold=-0.5",
      "stage2.threshold_step=0.25",
      "stage2.bsNum=7",
      "stage2.epochs=3",
    );
    assert.deepEqual(cycles, [
      { batchSize: 40, learningRate: 8, threshold: -0.5, steps: 21 },
      { batchSize: 30, learningRate: 4, threshold: -0.25, steps: 21 },
    ]);
  });
});
