import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { barChart } from "../../../../pipeline/report/pictures/bar_chart.ts";
import { dotChart } from "../../../../pipeline/report/pictures/dot_chart.ts";
import { lineChart } from "../../../../pipeline/report/pictures/line_chart.ts";
import { mistakeSheet } from "../../../../pipeline/report/pictures/mistake_sheet.ts";
import {
  colourOf,
  escapeXml,
  theme,
} from "../../../../pipeline/report/pictures/svg.ts";

const bars = (references: { name: string; value: number }[]) =>
  barChart("Bars", [{
    title: "matching",
    groups: ["easy", "mean"],
    bars: { trained: [1, 0.75], pixels: [0.5, 0.25] },
    references,
  }]);

/** Attributes of every element of a name whose text holds `part`. */
function elements(svg: string, name: string, part = "") {
  return [...svg.matchAll(new RegExp(`<${name}[^>]*>`, "g"))]
    .map(([text]) => text).filter((text) => text.includes(part))
    .map((text) =>
      Object.fromEntries(
        [...text.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, k, v]) => [k, v]),
      )
    );
}

/** Every tag is closed, in order. */
function assertWellFormed(svg: string) {
  const open: string[] = [];
  for (
    const [, close, name, self] of svg.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)
  ) {
    if (close) assert.equal(open.pop(), name);
    else if (!self) open.push(name);
  }
  assert.deepEqual(open, []);
}

describe("barChart", () => {
  it("draws a bar as high as its figure, with the figure to read", () => {
    const svg = bars([]);
    assertWellFormed(svg);
    const drawn = elements(svg, "rect", colourOf("trained"))
      .filter(({ rx }) => rx === undefined);
    assert.deepEqual(drawn.map(({ height }) => height), ["230", "172.5"]);
    assert.match(svg, /<title>pixels, mean: 25\.00 %<\/title>/);
  });

  it("draws published figures as lines at their height, and names them", () => {
    assert.doesNotMatch(bars([]), /published/);
    const svg = bars([{ name: "HyNet", value: 0.5 }, {
      name: "SOSNet",
      value: 0.49,
    }]);
    assertWellFormed(svg);
    const lines = elements(svg, "line", "stroke-dasharray");
    assert.deepEqual(lines.map(({ y1 }) => y1), ["115", "117.3"]);
    assert.match(svg, /HyNet 50\.0/);
    assert.match(svg, /published, trained on Liberty/);
  });
});

describe("lineChart", () => {
  const chart = (logarithmic: boolean) =>
    lineChart({
      title: "ROC <of> pairs",
      panels: [{
        title: "set",
        lines: { trained: { x: [0, 0.001, 1], y: [0, 0.5, 1] } },
      }],
      columns: 3,
      x: { label: "false positive rate", logarithmic },
      y: { label: "true positive rate" },
      mark: 0.95,
    });

  it("puts points where the axes say", () => {
    const points = (svg: string) => elements(svg, "polyline")[0].points;
    assert.equal(points(chart(false)), "0,190 0.24,95 240,0");
    // The smallest rate there is stands at the left edge, and so does 0.
    assert.equal(points(chart(true)), "0,190 0,95 240,0");
    assertWellFormed(chart(true));
  });

  it("labels decades, axes and title", () => {
    const svg = chart(true);
    for (
      const text of ["0.1 %", "1 %", "10 %", "100 %", "false positive rate"]
    ) assert.ok(svg.includes(`>${text}<`), text);
    assert.ok(svg.includes("ROC &lt;of&gt; pairs"));
    assert.equal(elements(svg, "line", "stroke-dasharray")[0].y1, "9.5");
  });
});

describe("dotChart", () => {
  it("stands figures on a logarithmic axis, published ones hollow", () => {
    const svg = dotChart("FPR95", "rate", [{
      title: "set",
      dots: [
        { name: "trained", value: 0.01, colour: "#123456", published: false },
        { name: "HyNet", value: 0.1, colour: "#654321", published: true },
        { name: "perfect", value: 0, colour: "#111111", published: false },
      ],
    }]);
    assertWellFormed(svg);
    const dots = elements(svg, "circle");
    assert.deepEqual(dots.map(({ cx }) => cx), ["0", "89", "0"]);
    assert.deepEqual(dots.map(({ fill }) => fill), [
      "#123456",
      theme.paper,
      "#111111",
    ]);
    assert.ok(svg.includes(">1.00<") && svg.includes(">0.00<"));
  });
});

describe("mistakeSheet", () => {
  it("shows the three patches of each mistake with their distances", () => {
    const svg = mistakeSheet("Mistakes", [{
      sequence: "v_boats",
      noise: "tough",
      image: 4,
      patch: 12,
      taken: 45,
      rightDistance: 1.25,
      takenDistance: 0.5,
      images: { query: "UQ==", taken: "VA==", right: "Ug==" },
    }]);
    assertWellFormed(svg);
    assert.deepEqual(
      elements(svg, "image").map(({ href }) => href),
      ["UQ==", "VA==", "Ug=="].map((data) => `data:image/png;base64,${data}`),
    );
    for (const text of ["v_boats, tough 4", "ref #12", "#45  0.500", "1.25"]) {
      assert.ok(svg.includes(text), text);
    }
  });
});

describe("escapeXml", () => {
  it("leaves nothing that means something in XML", () => {
    assert.equal(escapeXml(`<a b="c">&`), "&lt;a b=&quot;c&quot;&gt;&amp;");
  });
});
