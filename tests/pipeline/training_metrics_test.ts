import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { MetricsFile } from "../../pipeline/training_metrics.ts";

let folder: string;

beforeEach(() => {
  folder = Deno.makeTempDirSync();
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

const path = () => join(folder, "metrics.jsonl");

const statistics = {
  loss: 2.5,
  meanPositive: 0.4,
  meanNegative: 0.9,
  zeroPosition: 1.3,
  zeroWeightShare: 0.25,
  medianPositive: 0.4,
  medianNegative: 0.8,
  levelHistogram: [1, 2],
  weightHistogram: [3],
  pairCount: 3,
};

async function writeSteps(from: number, to: number): Promise<void> {
  using metrics = await MetricsFile.open(path(), {
    cycle: 0,
    step: from,
    total: from,
  });
  for (let step = from + 1; step <= to; step++) {
    metrics.step({
      cycle: 0,
      epoch: 1,
      step,
      learningRate: 0.01,
      momentum: 0.9,
      statistics,
      histograms: step % 2 === 0,
    });
    if (step % 2 === 0) {
      metrics.test({ cycle: 0, epoch: 1, step }, { liberty: 0.5 });
    }
  }
  metrics.flush();
}

function records(): Record<string, unknown>[] {
  return Deno.readTextFileSync(path()).trimEnd().split("\n")
    .map((line) => JSON.parse(line));
}

describe("metrics.jsonl", () => {
  it("holds every figure of a step, histograms only where asked", async () => {
    await writeSteps(0, 2);
    const [first, second, test] = records();
    const { levelHistogram, weightHistogram, ...figures } = statistics;
    assert.deepEqual(first, {
      kind: "step",
      cycle: 0,
      epoch: 1,
      step: 1,
      learningRate: 0.01,
      momentum: 0.9,
      ...figures,
    });
    assert.deepEqual(second, {
      ...first,
      step: 2,
      levelHistogram,
      weightHistogram,
    });
    assert.deepEqual(test, {
      kind: "test",
      cycle: 0,
      epoch: 1,
      step: 2,
      fpr95: { liberty: 0.5 },
    });
  });

  it("keeps what lies before the position where training goes on, and nothing else", async () => {
    await writeSteps(0, 6);
    const undisturbed = Deno.readTextFileSync(path());
    await writeSteps(4, 6);
    assert.equal(Deno.readTextFileSync(path()), undisturbed);
    await writeSteps(0, 2);
    assert.deepEqual(records().map(({ step }) => step), [1, 2, 2]);
  });

  it("drops a line that a crash cut off", async () => {
    await writeSteps(0, 6);
    const whole = Deno.readTextFileSync(path());
    for (const cut of [1, 30, 200]) {
      Deno.writeTextFileSync(path(), whole.slice(0, -cut));
      await writeSteps(4, 6);
      assert.equal(Deno.readTextFileSync(path()), whole, `${cut}`);
    }
  });
});
