import assert from "node:assert/strict";
import { join } from "@std/path";
import { describe, it } from "@std/testing/bdd";
import {
  readTrainingRun,
  seedCurves,
  type TrainingRun,
} from "../../../../pipeline/report/pictures/seed_curves.ts";

function step(at: number, medianPositive: number) {
  return { kind: "step" as const, step: at, medianPositive, medianNegative: 1 };
}

function trained(config: string, fpr95: number): TrainingRun {
  return {
    config,
    lines: [
      step(10, 1.2),
      step(20, 0.8),
      { kind: "test", step: 20, fpr95: { photos: fpr95 } },
    ],
  };
}

describe("courses over seeds", () => {
  it("have a panel for each config and a line for each seed, four configs in two rows", () => {
    const names = ["a", "b", "c", "d"];
    const svg = seedCurves(
      names.flatMap((name) => [trained(name, 0.02), trained(name, 0.04)]),
    );
    for (const name of names) assert.ok(svg.includes(`>${name}</text>`), name);
    assert.equal(svg.match(/<polyline/g)?.length, names.length * 2 * 2);
    assert.equal(svg.match(/FPR95 3\.0 %/g)?.length, names.length);
    const height = (text: string) => Number(/height="(\d+)"/.exec(text)![1]);
    assert.ok(height(svg) > height(seedCurves([trained("a", 0.1)])));
  });

  it("are read from stage 1's metrics, without lines of other shapes", async () => {
    const folder = Deno.makeTempDirSync();
    try {
      assert.deepEqual(await readTrainingRun("a", folder), {
        config: "a",
        lines: [],
      });
      Deno.mkdirSync(join(folder, "stage1"));
      Deno.writeTextFileSync(
        join(folder, "stage1", "metrics.jsonl"),
        `${JSON.stringify(step(5, 1))}\n{"kind":"other"}\nnot JSON\n`,
      );
      const { lines } = await readTrainingRun("a", folder);
      assert.deepEqual(lines, [step(5, 1)]);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  });
});
