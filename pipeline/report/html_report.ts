import type { Config } from "../config.ts";
import type { Findings } from "../evaluation/findings_schema.ts";
import type { Json } from "../files/json.ts";
import { adapterText } from "./adapter_text.ts";
import { expectationTables } from "./expectations.ts";
import type { Picture } from "./pictures.ts";
import type { RunResults } from "./results_schema.ts";
import { escapeXml } from "./svg.ts";
import { fullTables, stageTable, type Table } from "./tables.ts";

/** What a report is made of. */
export interface ReportOptions extends Findings {
  /** folder that takes the files */
  runDirectory: string;
  /** by stage name, in the order of the graph */
  stages: RunResults["stages"];
  /** what the networks ran on; empty when no stage used a GPU */
  adapter: Record<string, Json>;
  config: Config;
}

const style = `
:root { color-scheme: light; --ink: #1f2430; --faint: #5c6475; --line: #e3e6ec; --accent: #0072b2; }
* { box-sizing: border-box; }
body { margin: 0; background: #f5f6f8; color: var(--ink); font: 15px/1.5 Inter, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1160px; margin: 0 auto; padding: 40px 24px 80px; }
h1 { font-size: 30px; margin: 0 0 4px; letter-spacing: -0.02em; }
h2 { font-size: 20px; margin: 44px 0 12px; }
p { margin: 4px 0 12px; color: var(--faint); }
nav a { color: var(--accent); margin-right: 18px; text-decoration: none; }
nav a:hover { text-decoration: underline; }
figure, .table { background: #fff; border: 1px solid var(--line); border-radius: 10px; padding: 16px; margin: 0 0 20px; overflow-x: auto; }
figure svg { display: block; max-width: 100%; height: auto; margin: 0 auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; white-space: nowrap; }
caption { text-align: left; font-weight: 600; padding-bottom: 8px; }
th, td { text-align: right; padding: 5px 14px; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--faint); font-weight: 500; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
tbody tr:first-child td:first-child { font-weight: 600; }
.warning { background: #fff7e8; border: 1px solid #f0d9a8; border-radius: 10px; padding: 10px 16px; margin: 0 0 12px; }
pre { background: #fff; border: 1px solid var(--line); border-radius: 10px; padding: 16px; overflow-x: auto; font-size: 13px; }
`;

/** The whole report of a run as one page that needs nothing else: tables, pictures, how it came about. */
export function reportHtml(
  options: ReportOptions,
  pictures: readonly Picture[],
): string {
  const { measures, stages, adapter, config } = options;
  const figures = pictures.filter(({ name }) => !isMistakes(name));
  const mistakes = pictures.filter(({ name }) => isMistakes(name));
  const ranOn = adapterText(adapter);
  const sections: [id: string, title: string, content: string][] = [
    [
      "figures",
      "Figures",
      measures.warnings.map((line) =>
        `<div class="warning">${escapeXml(line)}</div>`
      ).join("\n") +
      [
        ...expectationTables(config, measures),
        ...fullTables(measures),
      ].map(tableHtml).join("\n"),
    ],
    ["pictures", "Pictures", figures.map(figureHtml).join("\n")],
    ["mistakes", "Hardest mistakes", mistakes.map(figureHtml).join("\n")],
    [
      "run",
      "How it came about",
      tableHtml(stageTable(stages)) +
      (ranOn === "" ? "" : `<p>${escapeXml(ranOn)}</p>`) +
      `<pre>${escapeXml(JSON.stringify(config, null, 2))}</pre>`,
    ],
  ];
  const shown = sections.filter(([, , content]) => content !== "");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(config.name)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escapeXml(config.name)}</h1>
<p>Local descriptors, measured on pairs of patches, by the HPatches tasks, and on pairs of images. Figures in percent; FPR95: smaller is better, all others: larger is better.</p>
<nav>${
    shown.map(([id, title]) => `<a href="#${id}">${title}</a>`).join("")
  }</nav>
${
    shown.map(([id, title, content]) =>
      `<h2 id="${id}">${title}</h2>\n${content}`
    ).join("\n")
  }
</main>
</body>
</html>
`;
}

function isMistakes(name: string): boolean {
  return name.startsWith("mistakes_");
}

function figureHtml({ svg }: Picture): string {
  return `<figure>${svg}</figure>`;
}

function tableHtml({ title, header, rows }: Table): string {
  const cells = (tag: string, row: readonly string[]) =>
    `<tr>${
      row.map((cell) => `<${tag}>${escapeXml(cell)}</${tag}>`).join("")
    }</tr>`;
  return `<div class="table"><table><caption>${
    escapeXml(title)
  }</caption><thead>${cells("th", header)}</thead><tbody>${
    rows.map((row) => cells("td", row)).join("")
  }</tbody></table></div>`;
}
