import { join } from "@std/path";
import type { Config } from "../config.ts";
import { PipelineError } from "../errors.ts";
import type { Measures } from "../evaluation/measures.ts";
import type { Json } from "../stage.ts";
import { compareWithExpected, expectationTables } from "./expectations.ts";
import { markdownTable, plainTable } from "./render_tables.ts";
import { briefTables, fullTables } from "./tables.ts";

/** How a stage came by its outputs. */
export interface StageReport {
  /** the stage key, hexadecimal */
  key: string;
  /** nothing had to run */
  fresh: boolean;
  /** what running it took; for a fresh stage what it took when it ran */
  seconds: number;
}

/** What a report is made of. */
export interface ReportOptions {
  /** folder that takes `results.json` and `results.md` */
  runDirectory: string;
  measures: Measures;
  /** by stage name, in the order of the graph */
  stages: Record<string, StageReport>;
  /** what the networks ran on; empty when no stage used a GPU */
  adapter: Record<string, Json>;
  config: Config;
}

/**
 * Writes `results.json` and `results.md` into the run folder, each as a temporary file that is renamed.
 *
 * `results.json` holds `{config, phototour, hpatches, warnings, expect, stages, adapter}`, all figures as fractions; `results.md`
 * the same as tables, in percent.
 *
 * @throws PipelineError when the folder cannot be written to
 */
export async function writeReport(options: ReportOptions): Promise<void> {
  const { runDirectory, measures, stages, adapter, config } = options;
  const results = {
    config,
    phototour: measures.phototour,
    hpatches: measures.hpatches,
    warnings: measures.warnings,
    expect: compareWithExpected(config, measures),
    stages,
    adapter,
  };
  await writeAtomically(
    join(runDirectory, "results.json"),
    `${JSON.stringify(results, null, 2)}\n`,
  );
  await writeAtomically(
    join(runDirectory, "results.md"),
    resultsMarkdown(options),
  );
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
  const stageTable = {
    title: "Stages",
    header: ["stage", "key", "this run", "seconds"],
    rows: Object.entries(stages).map(([name, { key, fresh, seconds }]) => [
      name,
      key.slice(0, 12),
      fresh ? "restored" : "ran",
      seconds.toFixed(1),
    ]),
  };
  const sections = [
    `# ${config.name}`,
    "Figures in percent. FPR95: smaller is better; all others: larger is better.",
    ...expectationTables(config, measures).map(markdownTable),
    ...fullTables(measures).map(markdownTable),
    ...measures.warnings.map((warning) => `> ${warning}`),
    markdownTable(stageTable),
  ];
  const facts = Object.entries(adapter)
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => `${name} ${String(value)}`);
  if (facts.length > 0) sections.push(`Adapter: ${facts.join(", ")}.`);
  return `${sections.join("\n\n")}\n`;
}

async function writeAtomically(path: string, text: string): Promise<void> {
  const temporary = `${path}.partial`;
  try {
    await Deno.writeTextFile(temporary, text);
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw new PipelineError({
      attempt: "write the results",
      where: path,
      found: error instanceof Error ? error.message : String(error),
      wanted: "a writable folder",
      remedy: "check its permissions and the free space",
    });
  }
}
