import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import type { Config } from "../../../pipeline/config.ts";
import type { Measures } from "../../../pipeline/evaluation/measures.ts";
import {
  type ReportOptions,
  resultsText,
  writeReport,
} from "../../../pipeline/report/results.ts";

const noiseFigures = {
  inter: { auc: 0.9, ap: 0.5 },
  intra: { auc: 0.8, ap: 0.4 },
};

const measures: Measures = {
  phototour: {
    "photos|held out": {
      trained: { fpr95: 0.12345, ap: 0.9 },
      pixels: { fpr95: 0.5, ap: 0.6 },
    },
  },
  hpatches: {
    full: {
      trained: {
        verification: {
          easy: noiseFigures,
          hard: noiseFigures,
          tough: noiseFigures,
        },
        matching: { easy: 0.9, hard: 0.6, tough: 0.3, mean: 0.6 },
        retrieval: {
          easy: { 100: 0.8, 500: 0.7 },
          hard: { 100: 0.6, 500: 0.5 },
          tough: { 100: 0.4, 500: 0.3 },
          mean: { 100: 0.6, 500: 0.5 },
        },
      },
      pixels: { matching: { easy: 0.5, hard: 0.2, tough: 0.1, mean: 0.8 / 3 } },
    },
  },
  warnings: ["ties between equal distances decide something"],
};

const config = {
  name: "demo",
  seed: 211,
  expect: { source: "a paper", figures: ["matching full 60.2 ± 0.1"] },
} as Config;

let folder: string;

beforeEach(async () => {
  folder = await Deno.makeTempDir();
});

afterEach(async () => {
  await Deno.remove(folder, { recursive: true });
});

function options(): ReportOptions {
  return {
    runDirectory: folder,
    measures,
    stages: {
      stage1: { key: "0123456789abcdef", fresh: false, seconds: 12.34 },
      evaluate: { key: "fedcba9876543210", fresh: true, seconds: 0.5 },
    },
    adapter: { vendor: "mesa", description: "llvmpipe", architecture: "" },
    config,
  };
}

describe("writeReport", () => {
  it("writes results.json with fractions, stages, adapter and config", async () => {
    await writeReport(options());
    const results = JSON.parse(
      await Deno.readTextFile(join(folder, "results.json")),
    );
    assert.deepEqual(results.phototour, measures.phototour);
    assert.deepEqual(
      results.hpatches,
      JSON.parse(JSON.stringify(measures.hpatches)),
    );
    assert.deepEqual(results.stages, options().stages);
    assert.equal(results.adapter.vendor, "mesa");
    assert.equal(results.config.seed, 211);
    assert.deepEqual(results.warnings, measures.warnings);
  });

  it("writes the same as tables in percent", async () => {
    await writeReport(options());
    const markdown = await Deno.readTextFile(join(folder, "results.md"));
    for (
      const line of [
        "# demo",
        "**Test pairs photos|held out, %**",
        "| trained | 12.35 | 90.00 |",
        "| trained | 45.00 | 60.00 | 55.00 |",
        "| pixels | – | 26.67 | – |",
        "| trained | 90.00 / 50.00 | 80.00 / 40.00 | 90.00 / 50.00 | 80.00 / 40.00 | 90.00 / 50.00 | 80.00 / 40.00 |",
        "| trained | 500 | 70.00 | 50.00 | 30.00 | 50.00 |",
        "> ties between equal distances decide something",
        "| stage1 | 0123456789ab | ran | 12.3 |",
        "| evaluate | fedcba987654 | restored | 0.5 |",
        "Adapter: vendor mesa, description llvmpipe.",
      ]
    ) assert.ok(markdown.includes(line), `${line} is not in\n${markdown}`);
  });

  it("leaves no temporary file, and says in one line where it cannot write", async () => {
    await writeReport(options());
    const names = [...Deno.readDirSync(folder)].map((entry) => entry.name);
    assert.deepEqual(names.sort(), ["results.json", "results.md"]);
    await assert.rejects(
      writeReport({ ...options(), runDirectory: join(folder, "absent") }),
      /^PipelineError: Cannot write the results: .*absent.results\.json: found .*, wanted a writable folder/,
    );
  });
});

describe("resultsText", () => {
  it("aligns the brief tables for a terminal", () => {
    const lines = resultsText(measures, config).split("\n");
    assert.deepEqual(lines.slice(0, 4), [
      "Test pairs photos|held out, %",
      "  descriptor  FPR95 ↓   AP ↑",
      "  trained       12.35  90.00",
      "  pixels        50.00  60.00",
    ]);
    assert.ok(lines.includes("HPatches split full, mAP %"));
    assert.ok(
      lines.includes("note: ties between equal distances decide something"),
    );
  });
});
