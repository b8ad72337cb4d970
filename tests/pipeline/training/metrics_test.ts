import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { eventFileName } from "../../../pipeline/training/metrics.ts";
import { readEventFile } from "../../helpers/data/event_file.ts";
import {
  statistics,
  writeSteps,
} from "../../helpers/pipeline/small/metrics.ts";

let folder: string;

beforeEach(() => {
  folder = Deno.makeTempDirSync();
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

const path = () => join(folder, "metrics.jsonl");
const eventsPath = () => join(folder, eventFileName);

function records(): Record<string, unknown>[] {
  return Deno.readTextFileSync(path()).trimEnd().split("\n")
    .map((line) => JSON.parse(line));
}

describe("metrics.jsonl", () => {
  it("holds every figure of a step, histograms only where asked", async () => {
    await writeSteps(folder, 0, 2);
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
    await writeSteps(folder, 0, 6);
    const undisturbed = Deno.readTextFileSync(path());
    await writeSteps(folder, 4, 6);
    assert.equal(Deno.readTextFileSync(path()), undisturbed);
    await writeSteps(folder, 0, 2);
    assert.deepEqual(records().map(({ step }) => step), [1, 2, 2]);
  });

  it("stands record by record in an event file beside it", async () => {
    await writeSteps(folder, 0, 2);
    const events = readEventFile(Deno.readFileSync(eventsPath()));
    assert.deepEqual(
      events.map(({ step, scalars, histograms }) => [
        step,
        Object.keys(scalars).length,
        Object.keys(histograms),
      ]),
      [
        [0, 0, []],
        [1, 9, []],
        [2, 9, ["weight/level", "weight/W"]],
        [2, 1, []],
      ],
    );
    assert.deepEqual(events[1].scalars, {
      loss: 2.5,
      "distance/a_mean": Math.fround(0.4),
      "distance/b_mean": Math.fround(0.9),
      "distance/a_median": Math.fround(0.4),
      "distance/b_median": Math.fround(0.8),
      "distance/zero_position": Math.fround(1.3),
      "weight/zero_share": 0.25,
      "optimizer/learning_rate": Math.fround(0.01),
      "optimizer/momentum": Math.fround(0.9),
    });
    assert.deepEqual(events[3].scalars, { "fpr95/liberty": 0.5 });
    const { limits, counts } = events[2].histograms["weight/level"];
    assert.deepEqual([limits, counts], [[0, 2], statistics.levelHistogram]);
  });

  it("has the same event file however often it was resumed, whatever became of it", async () => {
    await writeSteps(folder, 0, 6);
    const undisturbed = Deno.readFileSync(eventsPath());
    await writeSteps(folder, 4, 6);
    assert.deepEqual(Deno.readFileSync(eventsPath()), undisturbed);
    Deno.writeFileSync(eventsPath(), undisturbed.subarray(100));
    await writeSteps(folder, 2, 6);
    assert.deepEqual(Deno.readFileSync(eventsPath()), undisturbed);
    Deno.removeSync(eventsPath());
    await writeSteps(folder, 4, 6);
    assert.deepEqual(Deno.readFileSync(eventsPath()), undisturbed);
    assert.match(eventFileName, /^events\.out\.tfevents\.\d{10}\.\w+$/);
  });

  it("drops a line that a crash cut off", async () => {
    await writeSteps(folder, 0, 6);
    const whole = Deno.readTextFileSync(path());
    for (const cut of [1, 30, 200]) {
      Deno.writeTextFileSync(path(), whole.slice(0, -cut));
      await writeSteps(folder, 4, 6);
      assert.equal(Deno.readTextFileSync(path()), whole, `${cut}`);
    }
  });
});
