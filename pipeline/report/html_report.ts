import { join } from "@std/path";
import type { Config } from "../config.ts";
import type { Findings } from "../evaluation/findings_schema.ts";
import type { Json } from "../files/json.ts";
import { adapterText } from "./adapter_text.ts";
import { expectationTables } from "./expectations.ts";
import type { Picture } from "./pictures/draw_pictures.ts";
import type { ShownPhotograph } from "./photographs_schema.ts";
import type { RunResults } from "./results_schema.ts";
import { colourOf, escapeXml, theme } from "./pictures/svg.ts";
import { usualPagePort } from "./page_port.ts";
import { caveats } from "./published.ts";
import { htmlTable } from "./render_tables.ts";
import { fullTables, stageTable } from "./tables.ts";
import type { TrainingCourse } from "./pictures/training_curves.ts";

/** What a report is made of. */
export interface ReportOptions extends Findings {
  /** folder that takes the files */
  runDirectory: string;
  /** by stage name, in the order of the graph */
  stages: RunResults["stages"];
  /** how the stages trained that did */
  courses?: readonly TrainingCourse[];
  /** what the data were cut of, where that was photographs */
  photographs?: readonly ShownPhotograph[];
  /** what the networks ran on; empty when no stage used a GPU */
  adapter: Record<string, Json>;
  config: Config;
}

/** What the pictures' colours are on a dark page, beside that of `trained`; all others are bright enough there. */
const darkColours: Partial<Record<keyof typeof theme, string>> = {
  paper: "#1b1f27",
  ink: "#e6e9ef",
  faint: "#a2abbb",
  grid: "#333a47",
  axis: "#6c7584",
  published: "#b795d6",
  right: "#35b98f",
  wrong: "#f08a5d",
};

/** Pictures have their colours as attributes, which a style may replace. */
const darkPictures = [
  [colourOf("trained"), "#4aa8de"],
  ...Object.entries(darkColours).map(([name, dark]) => [
    theme[name as keyof typeof theme],
    dark,
  ]),
].flatMap(([light, dark]) =>
  ["fill", "stroke"].map((attribute) =>
    `  figure svg[${attribute}="${light}"], figure svg [${attribute}="${light}"] { ${attribute}: ${dark}; }`
  )
).join("\n");

/** The style of the page: dark where the reader's system is, one column of charts on a phone, black on white on paper. */
export const pageStyle = `
:root { color-scheme: light dark; --page: #f5f6f8; --paper: ${theme.paper}; --ink: ${theme.ink}; --faint: ${theme.faint}; --line: ${theme.grid}; --accent: #0072b2; --note: #fff7e8; --note-line: #f0d9a8; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 Inter, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1160px; margin: 0 auto; padding: 40px 24px 80px; }
h1 { font-size: 30px; margin: 0 0 4px; letter-spacing: -0.02em; overflow-wrap: anywhere; }
h2 { font-size: 20px; margin: 44px 0 12px; }
p { margin: 4px 0 12px; color: var(--faint); }
a { color: var(--accent); }
code { overflow-wrap: anywhere; }
nav a { margin-right: 18px; text-decoration: none; display: inline-block; }
nav a:hover { text-decoration: underline; }
figure, .table, pre { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 16px; margin: 0 0 20px; overflow-x: auto; }
figure svg { display: block; max-width: 100%; height: auto; margin: 0 auto; }
figure .narrow { display: none; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; white-space: nowrap; }
.photographs { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(300px, 100%), 1fr)); gap: 20px; align-items: start; }
.photographs figure { margin: 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(276px, 100%), 1fr)); gap: 16px 24px; }
.cards svg { margin: 0; }
.photographs svg { width: 100%; }
figcaption { margin: 10px 0; font-size: 13px; }
figcaption:last-child { margin-bottom: 0; }
.dot { display: inline-block; width: 9px; height: 9px; border-radius: 50%; border: 1px solid #000; print-color-adjust: exact; }
caption { text-align: left; font-weight: 600; padding-bottom: 8px; }
th, td { text-align: right; padding: 5px 10px; border-top: 1px solid var(--line); }
.interval { display: block; color: var(--faint); font-size: 12px; line-height: 1.2; }
thead th { border-top: 0; color: var(--faint); font-weight: 500; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
.warning { background: var(--note); border: 1px solid var(--note-line); border-radius: 10px; padding: 10px 16px; margin: 0 0 12px; }
pre { font-size: 13px; }
@media (max-width: 600px) {
  main { padding: 20px 12px 48px; }
  h1 { font-size: 24px; }
  figure, .table, pre { padding: 10px; }
  caption { white-space: normal; position: sticky; left: 0; max-width: calc(100vw - 46px); }
  th, td { padding: 5px 4px; }
  .interval { font-size: 11px; letter-spacing: -0.02em; }
  figure .wide { display: none; }
  figure .narrow { display: block; }
}
@media screen and (prefers-color-scheme: dark) {
  :root { --page: #12151b; --paper: ${darkColours.paper}; --ink: ${darkColours.ink}; --faint: ${darkColours.faint}; --line: ${darkColours.grid}; --accent: #5bb1e8; --note: #332a14; --note-line: #5c4a1f; }
${darkPictures}
}
@media print {
  :root { --page: #fff; }
  body { font-size: 11px; }
  main { max-width: none; padding: 0; }
  nav { display: none; }
  h2 { break-after: avoid; margin-top: 24px; }
  figure, .table { break-inside: avoid; overflow: visible; border-radius: 0; padding: 8px; }
  th, td { padding: 2px 6px; }
  pre { white-space: pre-wrap; }
}
`;

/** The whole report of a run as one page that needs nothing else: tables, pictures, how it came about. */
export function reportHtml(
  options: ReportOptions,
  pictures: readonly Picture[],
): string {
  const { measures, stages, adapter, config } = options;
  const mistakes = pictures.filter(({ name }) => isMistakes(name));
  const photographs = pictures.filter(({ name }) => isPhotograph(name));
  const figures = pictures.filter(({ name }) =>
    !isMistakes(name) && !isPhotograph(name)
  );
  const ranOn = adapterText(adapter);
  const sections: [id: string, title: string, content: string][] = [
    [
      "figures",
      "Figures",
      [...caveats(config), ...measures.warnings].map((line) =>
        `<div class="warning">${escapeXml(line)}</div>`
      ).join("\n") +
      [
        ...expectationTables(config, measures),
        ...fullTables(measures),
      ].map(htmlTable).join("\n"),
    ],
    ["photographs", "Photographs", photographsHtml(photographs)],
    ["pictures", "Pictures", figures.map(figureHtml).join("\n")],
    ["mistakes", "Hardest mistakes", mistakes.map(figureHtml).join("\n")],
    [
      "run",
      "How it came about",
      htmlTable(stageTable(stages)) +
      (ranOn === "" ? "" : `<p>${escapeXml(ranOn)}</p>`) +
      pageHtml(options) +
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
<style>${pageStyle}</style>
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

/**
 * How this run's network is tried on photographs. No page runs from a file: browsers give its worker no modules there. So the link leads
 * to where the command serves it, and the network is a link of its own, to be dropped on a page that is served elsewhere.
 */
function pageHtml({ runDirectory, stages }: ReportOptions): string {
  const stage = (["stage2", "stage1"] as const).find((name) => name in stages);
  if (stage === undefined) return "";
  const network = `${stage}/model.safetensors`;
  const call = `./run page --model ${join(runDirectory, network)}`;
  const address = `http://127.0.0.1:${usualPagePort}/`;
  return `<p>To match two photographs in a browser with <a href="${network}">this run's network</a>: <code>${
    escapeXml(call)
  }</code>, then <a href="${address}">open the page</a> (should another program have its port, the command prints another address); or drop the network on a page that is served already.</p>`;
}

function isMistakes(name: string): boolean {
  return name.startsWith("mistakes_");
}

function isPhotograph(name: string): boolean {
  return name.startsWith("photograph_");
}

function photographsHtml(pictures: readonly Picture[]): string {
  if (pictures.length === 0) return "";
  return `<div class="photographs">${
    pictures.map(figureHtml).join("\n")
  }</div>`;
}

/** A chart that does not fit a phone is there a second time, its parts below each other. */
function figureHtml({ svg, html = svg, narrow = svg }: Picture): string {
  return narrow === svg
    ? `<figure>${html}</figure>`
    : `<figure><div class="wide">${svg}</div><div class="narrow">${narrow}</div></figure>`;
}
