import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { parseConfig } from "../../../pipeline/config.ts";
import {
  formatTrainingOutline,
  trainingOutline,
} from "../../../pipeline/training/outline.ts";

function outlineOf(...overrides: string[]) {
  return trainingOutline(parseConfig("", "x.toml", overrides));
}

describe("the outline of a training", () => {
  it("tells the steps of the authors' stage 1 and the ladder of stage 2", () => {
    const { stage1, stage2 } = outlineOf();
    assert.deepEqual(stage1, {
      epochs: 25,
      stepsPerEpoch: 1582,
      steps: 39550,
      batchSize: 2560,
      positives: 3,
      learningRate: 0.0033,
      loss: "ExpTeacher",
    });
    assert.equal(stage2?.positives, 2);
    assert.equal(stage2.steps, 21000);
    assert.equal(stage2.cycles.length, 15);
    assert.deepEqual(stage2.cycles[0], {
      batchSize: 2816,
      learningRate: 1.5e-6,
      threshold: -0.1,
      steps: 1400,
    });
  });

  it("reads as a line and a table", () => {
    const lines = formatTrainingOutline(outlineOf());
    assert.equal(lines.length, 18);
    assert.deepEqual(lines.slice(0, 6), [
      "stage1: 39550 steps (25 × 1582), batch 2560 × 3 patches, lr 0.0033, loss ExpTeacher",
      "stage2: 21000 steps in 15 cycles, 2 patches of each label",
      "  cycle  batch          lr  threshold  steps",
      "      0   2816      1.5e-6       -0.1   1400",
      "      1   2688    1.125e-6      -0.05   1400",
      "      2   2560   8.4375e-7          0   1400",
    ]);
    assert.equal(lines[17], "     14   1024  2.67269e-8        0.6   1400");
  });

  it("leaves stage 2 out when the config does", () => {
    const outline = outlineOf("stage2.enabled=false");
    assert.equal(outline.stage2, undefined);
    assert.equal(formatTrainingOutline(outline).length, 1);
  });
});
