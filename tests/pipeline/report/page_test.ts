import assert from "node:assert/strict";
import { join } from "@std/path";
import { describe, it } from "@std/testing/bdd";
import { pageStyle } from "../../../pipeline/report/html_report.ts";
import { caveats } from "../../../pipeline/report/published.ts";
import { htmlTable } from "../../../pipeline/report/render_tables.ts";
import { theme } from "../../../pipeline/report/pictures/svg.ts";
import {
  readTrainingCourses,
  trainingChart,
} from "../../../pipeline/report/pictures/training_curves.ts";
import { parseConfig } from "../../../pipeline/config.ts";

/** The texts that are bold in a table. */
function boldOf(header: string[], rows: string[][]): string[] {
  const html = htmlTable({ title: "x", header, rows });
  return [...html.matchAll(/<b>([^<]*)<\/b>/g)].map(([, text]) => text);
}

describe("a table of the page", () => {
  it("has the best figure of every column in bold, whichever row it is in", () => {
    assert.deepEqual(
      boldOf(["descriptor", "FPR95 ↓", "AP ↑"], [
        ["pixels", "55.20", "91.37"],
        ["trained", "6.20", "98.77"],
        ["sift", "–", "99.00"],
      ]),
      ["6.20", "99.00"],
    );
  });

  it("tells two figures of a cell, and pool sizes, apart", () => {
    assert.deepEqual(
      boldOf(["descriptor", "easy inter"], [
        ["trained", "90.00 / 80.00"],
        ["pixels", "91.00 / 70.00"],
      ]),
      ["80.00", "91.00"],
    );
    assert.deepEqual(
      boldOf(["descriptor", "k", "mean"], [
        ["trained", "100", "90.00"],
        ["trained", "500", "60.00"],
        ["pixels", "100", "80.00"],
        ["pixels", "500", "70.00"],
      ]),
      ["90.00", "70.00"],
    );
    assert.deepEqual(
      boldOf(["descriptor", "matching ↑"], [
        ["trained", "90.00 (88.00 … 92.00)"],
        ["pixels", "91.00 (70.00 … 95.00)"],
      ]),
      ["91.00"],
    );
  });

  it("takes settings and counts for no contest", () => {
    assert.deepEqual(
      boldOf(["descriptor", "ratio", "matches", "estimated ↑"], [
        ["trained", "0.90", "10.0", "50.00"],
        ["pixels", "0.95", "20.0", "40.00"],
      ]),
      ["50.00"],
    );
  });

  it("has nothing in bold where nothing is better", () => {
    const header = ["descriptor", "AP ↑"];
    assert.deepEqual(boldOf(header, [["trained", "9.00"]]), []);
    assert.deepEqual(
      boldOf(header, [["trained", "9.00"], ["pixels", "9.00"]]),
      [],
    );
    assert.deepEqual(
      boldOf(["stage", "seconds"], [["stage1", "2.0"], ["stage2", "1.0"]]),
      [],
    );
  });
});

describe("the course of a training", () => {
  it("is read from the records of the stages that are named, and drawn in one column or two", async () => {
    const run = Deno.makeTempDirSync();
    try {
      for (
        const [stage, losses] of [["stage1", [3, 2]], ["stage2", [
          1,
          0.5,
        ]]] as const
      ) {
        Deno.mkdirSync(join(run, stage));
        const lines = losses.map((loss, index) =>
          JSON.stringify({
            kind: "step",
            step: 10 * (index + 1),
            loss,
            cycle: 0,
          })
        );
        const test = { kind: "test", step: 20, fpr95: { "a<b": 0.25 } };
        Deno.writeTextFileSync(
          join(run, stage, "metrics.jsonl"),
          `${lines.join("\n")}\n${
            JSON.stringify(test)
          }\nno JSON\n{"kind":"new"}\n`,
        );
      }
      const stages = ["download", "stage1", "stage2"];
      const courses = await readTrainingCourses(run, stages);
      assert.deepEqual(courses, [
        {
          stage: "stage1",
          loss: [[10, 3], [20, 2]],
          fpr95: { "a<b": [[20, 0.25]] },
        },
        {
          stage: "stage2",
          loss: [[10, 1], [20, 0.5]],
          fpr95: { "a<b": [[20, 0.25]] },
        },
      ]);
      assert.deepEqual(await readTrainingCourses(run, ["download"]), []);
      for (const columns of [1, 2] as const) {
        const svg = trainingChart(courses, columns);
        assert.equal(svg.split("<polyline").length - 1, 4);
        assert.match(svg, /stage2: loss/);
        const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)!;
        assert.ok(Number(width) < 500 === (columns === 1), width);
        assert.ok(Number(height) > 1000 === (columns === 1), height);
      }
    } finally {
      Deno.removeSync(run, { recursive: true });
    }
  });
});

describe("the page's style", () => {
  it("has every colour of the pictures on a dark page, a phone's and a printer's layout", () => {
    for (const name of ["paper", "ink", "faint", "grid", "axis"] as const) {
      assert.ok(pageStyle.includes(`[fill="${theme[name]}"] { fill: #`), name);
    }
    assert.match(pageStyle, /@media screen and \(prefers-color-scheme: dark\)/);
    assert.match(pageStyle, /@media print \{/);
    assert.match(
      pageStyle,
      /@media \(max-width: 600px\) \{[^@]*figure \.wide \{ display: none; \}\s*figure \.narrow \{ display: block; \}/,
    );
  });
});

describe("a caveat", () => {
  it("is given for sequences that this program cut, and for no others", () => {
    const photos = parseConfig("", "x.toml");
    assert.match(caveats(photos).join(), /not comparable with published/);
    const published = parseConfig(
      '[download]\nsource = "phototour"\noffline = true\nsource_dir = "/x"',
      "x.toml",
    );
    assert.deepEqual(caveats(published), []);
  });
});
