import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { parseConfig } from "../../../pipeline/config.ts";
import type {
  Measures,
  PhototourMeasures,
} from "../../../pipeline/evaluation/measures.ts";
import {
  compareWithExpected,
  expectationsHold,
  expectationTables,
} from "../../../pipeline/report/expectations.ts";
import { problemsOf } from "../../helpers/pipeline/config_problems.ts";

const pair = { inter: { auc: 1, ap: 0.9 }, intra: { auc: 1, ap: 0.8 } };

const measures: Pick<Measures, "phototour" | "hpatches" | "image_pairs"> = {
  image_pairs: {
    oxford: {
      trained: {
        ratio: 0.9,
        tuned: false,
        pairs: 5,
        matches: 100,
        estimated: 1,
        figures: { mma_3: 0.71, recall_3: null },
      },
    },
  },
  phototour: {
    yosemite: {
      pixels: { fpr95: 0.5 } as PhototourMeasures,
      trained: { fpr95: 0.0101 } as PhototourMeasures,
    },
  },
  hpatches: {
    a: {
      trained: {
        verification: { easy: pair, hard: pair, tough: pair },
        matching: { easy: 0.9, hard: 0.5, tough: 0.1, mean: 0.5 },
        retrieval: {
          easy: { 100: 1 },
          hard: { 100: 1 },
          tough: { 100: 1 },
          mean: { 100: 0.75, 500: 0.65 },
        },
      },
    },
    full: { pixels: {} },
  },
};

function configWith(...figures: string[]) {
  return parseConfig(
    `[expect]\nsource = "Table 1"\nfigures = ${JSON.stringify(figures)}\n`,
    "x.toml",
  );
}

function verdicts(...figures: string[]): string[] {
  return compareWithExpected(configWith(...figures), measures)
    .map(({ verdict }) => verdict);
}

describe("an expected figure", () => {
  it("is met up to its tolerance, the tolerance included", () => {
    assert.deepEqual(
      verdicts(
        "fpr95 yosemite 1.01 ± 0",
        "fpr95 yosemite 0.76 ± 0.25",
        "fpr95 yosemite 0.76 +- 0.24",
        "fpr95 yosemite 1.5 ± 0.1",
        "verification a 85.2 ± 0.2",
        "verification a 85.2 ± 0.1",
        "matching a 48 ± 1",
        "matching a 50.5 ± 0.5",
        "retrieval a 70.00 ± 0.01",
        "retrieval a 71 ± 0.5",
        "mma_3 oxford 70 ± 2",
        "mma_3 oxford 73 ± 1",
      ),
      [
        ...["met", "met", "missed", "better"],
        ...["met", "missed", "better", "met", "met", "missed"],
        ...["met", "missed"],
      ],
    );
  });

  it("is not measured when the set, the split, the task or the network is left out", () => {
    assert.deepEqual(
      verdicts(
        "fpr95 liberty 1 ± 1",
        "matching b 1 ± 1",
        "matching full 1 ± 1",
        "mma_3 photos 1 ± 1",
        "recall_3 oxford 1 ± 1",
        "pose_auc_5 oxford 1 ± 1",
      ),
      Array(6).fill("not measured"),
    );
    const [row] = compareWithExpected(
      configWith("matching b 1 ± 1"),
      measures,
    );
    assert.deepEqual([row.ours, row.difference], [null, null]);
  });

  it("holds when it is measured and not missed", () => {
    const holds = (...figures: string[]) =>
      expectationsHold(configWith(...figures), measures);
    assert.ok(holds());
    assert.ok(holds("matching a 50 ± 1", "matching a 40 ± 1"));
    assert.ok(!holds("matching a 50 ± 1", "matching a 60 ± 1"));
    assert.ok(!holds("matching a 50 ± 1", "matching b 50 ± 1"));
  });

  it("stands in a table beside ours, in percent", () => {
    assert.deepEqual(expectationTables(configWith(), measures), []);
    const [{ title, rows }] = expectationTables(
      configWith("fpr95 yosemite 0.76 ± 0.15", "retrieval full 9 ± 1"),
      measures,
    );
    assert.equal(title, "Beside the published figures (Table 1), %");
    assert.deepEqual(rows, [
      ["FPR95 yosemite", "0.76", "1.01", "+0.25", "0.15", "missed"],
      ["retrieval full", "9.00", "–", "–", "1.00", "not measured"],
    ]);
  });

  it("is refused where it is written when it is no figure", () => {
    const text =
      '[expect]\nfigures = [\n  "matching a 50 ± 1",\n  "map a 5",\n]';
    assert.deepEqual(problemsOf(text), [
      'x.toml:4:3: expect.figures[1]: found "map a 5", wanted "fpr95 <test set> 0.37 ± 0.15", or verification, matching or retrieval of a split, or mma_1 … pose_maa_10 of a set of image pairs; in percent',
    ]);
    for (const wrong of ["matching a -1 ± 1", "matching a 50", "fpr95 1 ± 1"]) {
      assert.equal(problemsOf(`expect.figures = ["${wrong}"]`).length, 1);
    }
  });
});
