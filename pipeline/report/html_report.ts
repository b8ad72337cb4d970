import type { Config } from "../config.ts";
import type { Findings } from "../evaluation/findings_schema.ts";
import type { Json } from "../files/json.ts";
import { adapterText } from "./adapter_text.ts";
import { expectationTables } from "./expectations.ts";
import type { Picture } from "./pictures.ts";
import type { RunResults } from "./results_schema.ts";
import { escapeXml } from "./svg.ts";
import { pageStyle } from "./page_style.ts";
import { caveats } from "./published.ts";
import { htmlTable } from "./render_tables.ts";
import { fullTables, stageTable } from "./tables.ts";
import type { TrainingCourse } from "./training_curves.ts";

/** What a report is made of. */
export interface ReportOptions extends Findings {
  /** folder that takes the files */
  runDirectory: string;
  /** by stage name, in the order of the graph */
  stages: RunResults["stages"];
  /** how the stages trained that did */
  courses?: readonly TrainingCourse[];
  /** what the networks ran on; empty when no stage used a GPU */
  adapter: Record<string, Json>;
  config: Config;
}

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
      [...caveats(config), ...measures.warnings].map((line) =>
        `<div class="warning">${escapeXml(line)}</div>`
      ).join("\n") +
      [
        ...expectationTables(config, measures),
        ...fullTables(measures),
      ].map(htmlTable).join("\n"),
    ],
    ["pictures", "Pictures", figures.map(figureHtml).join("\n")],
    ["mistakes", "Hardest mistakes", mistakes.map(figureHtml).join("\n")],
    [
      "run",
      "How it came about",
      htmlTable(stageTable(stages)) +
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

function isMistakes(name: string): boolean {
  return name.startsWith("mistakes_");
}

/** A chart that does not fit a phone is there a second time, its parts below each other. */
function figureHtml({ name, svg, narrow = svg }: Picture): string {
  if (isMistakes(name)) return `<figure class="sheet">${svg}</figure>`;
  return narrow === svg
    ? `<figure>${svg}</figure>`
    : `<figure><div class="wide">${svg}</div><div class="narrow">${narrow}</div></figure>`;
}
