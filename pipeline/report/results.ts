import { join } from "@std/path";
import type { Config } from "../config.ts";
import type { Measures } from "../evaluation/measures.ts";
import { refuseLink } from "../files/links.ts";
import { withFileErrors } from "../files/file_errors.ts";
import { writeFileAtomically } from "../files/write_file.ts";
import { adapterText } from "./adapter_text.ts";
import { compareWithExpected, expectationTables } from "./expectations.ts";
import { reportHtml, type ReportOptions } from "./html_report.ts";
import { drawPictures, type Picture } from "./pictures/draw_pictures.ts";
import { caveats } from "./published.ts";
import { prettyJson } from "../files/pretty_json.ts";
import { markdownTable, plainTable } from "./render_tables.ts";
import type { RunResults } from "./results_schema.ts";
import { briefTables, fullTables, stageTable } from "./tables.ts";

const attempt = "write the results";

/**
 * Writes `results.json`, `results.md`, `report.html` and `figures/*.svg` into the run folder, each as a temporary file that is
 * renamed.
 *
 * `results.json` holds `{config, phototour, hpatches, bootstrap, image_pairs, pairs, sequences, warnings, expect, stages, adapter}`, all
 * figures as fractions; `results.md` the same as tables, in percent; `report.html` tables and pictures in one page.
 *
 * @throws {PipelineError} when the folder cannot be written to
 */
export async function writeReport(options: ReportOptions): Promise<void> {
  const { runDirectory, measures, stages, adapter, config } = options;
  const results: RunResults = {
    config: { ...config },
    phototour: measures.phototour,
    hpatches: measures.hpatches,
    ...(measures.bootstrap === undefined
      ? {}
      : { bootstrap: measures.bootstrap }),
    ...(measures.image_pairs === undefined
      ? {}
      : { image_pairs: measures.image_pairs }),
    pairs: measures.pairs,
    sequences: measures.sequences,
    warnings: measures.warnings,
    expect: compareWithExpected(config, measures),
    stages,
    adapter,
  };
  await writeAtomically(
    join(runDirectory, "results.json"),
    prettyJson(results),
  );
  await writeAtomically(
    join(runDirectory, "results.md"),
    resultsMarkdown(options),
  );
  const pictures = drawPictures(options);
  await writePictures(join(runDirectory, "figures"), pictures);
  await writeAtomically(
    join(runDirectory, "report.html"),
    reportHtml(options, pictures),
  );
}

/** Names of pictures that some run may have drawn; others in the folder are the user's. */
const ownPicture =
  /^(fpr95|roc_pairs|training|matched_pair|(photograph|tasks|roc|precision_recall|mistakes)_[\w-]+)\.svg$/;

/** Writes the pictures, and removes those of an earlier run that are no more. */
async function writePictures(
  directory: string,
  pictures: readonly Picture[],
): Promise<void> {
  const names = new Set(pictures.map(({ name }) => `${name}.svg`));
  refuseLink(attempt, directory);
  await withFileErrors(attempt, directory, async () => {
    await Deno.mkdir(directory, { recursive: true });
    for await (const { name } of Deno.readDir(directory)) {
      if (ownPicture.test(name) && !names.has(name)) {
        await Deno.remove(join(directory, name));
      }
    }
  });
  for (const { name, svg } of pictures) {
    await writeAtomically(join(directory, `${name}.svg`), `${svg}\n`);
  }
}

/** The tables that a terminal shows at the end of a run, with the published figures and the warnings about ties below. */
export function resultsText(measures: Measures, config: Config): string {
  return [
    ...briefTables(measures).map(plainTable),
    ...expectationTables(config, measures).map(plainTable),
    ...measures.warnings.map((warning) => `note: ${warning}`),
  ].join("\n\n");
}

function resultsMarkdown(
  { measures, stages, adapter, config }: ReportOptions,
): string {
  const sections = [
    `# ${config.name}`,
    "Figures in percent. FPR95: smaller is better; all others: larger is better.",
    ...expectationTables(config, measures).map(markdownTable),
    ...fullTables(measures).map(markdownTable),
    ...[...caveats(config), ...measures.warnings].map((warning) =>
      `> ${warning}`
    ),
    markdownTable(stageTable(stages)),
  ];
  const ranOn = adapterText(adapter);
  if (ranOn !== "") sections.push(ranOn);
  return `${sections.join("\n\n")}\n`;
}

function writeAtomically(path: string, text: string): Promise<void> {
  return writeFileAtomically(attempt, path, text);
}
