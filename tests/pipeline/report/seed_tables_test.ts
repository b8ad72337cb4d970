import assert from "node:assert/strict";
import { join } from "@std/path";
import { describe, it } from "@std/testing/bdd";
import {
  latexTable,
  markdownTable,
} from "../../../pipeline/report/render_tables.ts";
import {
  joinedSeedTable,
  seedFigures,
  type SeedRun,
  seedTable,
  writeSeedTables,
} from "../../../pipeline/report/seed_tables.ts";

function run(seed: number, matching: number, fpr95: number): SeedRun {
  return {
    seed,
    measures: {
      phototour: {
        photos: { trained: { fpr95, ap: 0.9, auc: 0.9 } },
      },
      hpatches: {
        full: {
          trained: {
            matching: { easy: 1, hard: 1, tough: 1, mean: matching },
          },
          rootsift: { matching: { easy: 1, hard: 1, tough: 1, mean: 0.5 } },
        },
      },
    },
  };
}

const runs = [run(1, 0.7, 0.02), run(2, 0.8, 0.03), run(3, 0.9, 0.04)];

describe("figures over seeds", () => {
  it("are mean and deviation of the sample", () => {
    const [fpr95, matching, other] = seedFigures(runs);
    assert.equal(fpr95.figure, "FPR95 photos ↓");
    assert.ok(Math.abs(matching.mean - 0.8) < 1e-12);
    assert.ok(Math.abs(matching.deviation! - 0.1) < 1e-12);
    assert.deepEqual(matching.values, [0.7, 0.8, 0.9]);
    assert.deepEqual([other.descriptor, other.deviation], ["rootsift", 0]);
  });

  it("have no deviation of one seed, and leave out what a seed lacks", () => {
    assert.equal(seedFigures(runs.slice(0, 1))[0].deviation, null);
    const lacking = run(4, 0.5, 0.1);
    lacking.measures.phototour = {};
    assert.deepEqual(
      seedFigures([runs[0], lacking]).map(({ figure }) => figure),
      ["matching full ↑", "matching full ↑"],
    );
  });

  it("make a table as papers print it, in Markdown and LaTeX", () => {
    const table = seedTable({ name: "a_b", runs });
    assert.equal(
      markdownTable(table),
      `**a_b, %, mean ± standard deviation of seeds 1, 2, 3**

| descriptor | FPR95 photos ↓ | matching full ↑ |
| --- | ---: | ---: |
| trained | 3.00 ± 1.00 | 80.00 ± 10.00 |
| rootsift | – | 50.00 ± 0.00 |`,
    );
    assert.equal(
      latexTable(table),
      String.raw`\begin{table}
\centering
\caption{a\_b, \%, mean $\pm$ standard deviation of seeds 1, 2, 3}
\begin{tabular}{lrr}
\toprule
descriptor & FPR95 photos $\downarrow$ & matching full $\uparrow$ \\
\midrule
trained & 3.00 $\pm$ 1.00 & 80.00 $\pm$ 10.00 \\
rootsift & -- & 50.00 $\pm$ 0.00 \\
\bottomrule
\end{tabular}
\end{table}`,
    );
    assert.match(
      latexTable({ title: "x\\y^2~{z}", header: ["a"], rows: [] }),
      /\\caption\{x\\textbackslash\{\}y\\textasciicircum\{\}2\\textasciitilde\{\}\\\{z\\\}\}/,
    );
  });

  it("tell image pairs by their headline figures", () => {
    const pairs = {
      ratio: 0.9,
      tuned: true,
      pairs: 6,
      matches: 100,
      estimated: 1,
      figures: { mma_1: 0.1, mma_3: 0.75, corner_auc_3: null },
    };
    const withPairs = runs.map(({ seed, measures }) => ({
      seed,
      measures: { ...measures, image_pairs: { photos: { trained: pairs } } },
    }));
    const { figure, mean } = seedFigures(withPairs).at(-1)!;
    assert.deepEqual([figure, mean], ["MMA 3 px photos ↑", 0.75]);
  });

  it("of several configs stand in one table, what is equal once", () => {
    const worse = [run(1, 0.5, 0.1), run(2, 0.5, 0.1), run(3, 0.5, 0.1)];
    const table = joinedSeedTable([
      { name: "a", runs },
      { name: "b", runs: worse },
    ]);
    assert.equal(
      markdownTable(table),
      `**Configs beside each other, %, mean ± standard deviation of seeds 1, 2, 3**

| config | FPR95 photos ↓ | matching full ↑ |
| --- | ---: | ---: |
| a | 3.00 ± 1.00 | 80.00 ± 10.00 |
| b | 10.00 ± 0.00 | 50.00 ± 0.00 |
| rootsift | – | 50.00 ± 0.00 |`,
    );
    for (const { measures } of worse) {
      measures.hpatches.full.rootsift = measures.hpatches.full.trained;
      measures.hpatches.full.rootsift.matching!.mean = 0.25;
    }
    const { rows } = joinedSeedTable([
      { name: "a", runs },
      { name: "b", runs: worse },
    ]);
    assert.deepEqual(
      rows.map(([title]) => title),
      ["a", "b", "rootsift of a", "rootsift of b"],
    );
  });

  it("are written as fractions and as both tables", async () => {
    const folder = Deno.makeTempDirSync();
    try {
      await writeSeedTables(join(folder, "new"), [{ name: "small", runs }]);
      const names = [...Deno.readDirSync(join(folder, "new"))]
        .map(({ name }) => name).sort();
      assert.deepEqual(names, ["results.json", "results.md", "results.tex"]);
      const text = Deno.readTextFileSync(join(folder, "new/results.json"));
      assert.deepEqual(JSON.parse(text).seeds, [1, 2, 3]);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  });
});
