import { join } from "@std/path";
import { hpatchesTaskNames } from "../config/task_names.ts";
import { headlineFigure } from "../evaluation/figure_list.ts";
import type { Measures } from "../evaluation/measures.ts";
import { prettyJson } from "../files/pretty_json.ts";
import { writeFileAtomically } from "../files/write_file.ts";
import { latexTable, markdownTable } from "./render_tables.ts";
import type { Table } from "./tables.ts";
import { pairMeasureTitles, withArrow } from "./titles.ts";

/** The figures of one seed. */
export interface SeedRun {
  seed: number;
  measures: Pick<Measures, "phototour" | "hpatches">;
}

/** A figure over seeds, fractions. */
export interface SeedFigure {
  descriptor: string;
  /** title of the figure: `matching full ↑` */
  figure: string;
  mean: number;
  /** standard deviation of the sample; null of a single seed */
  deviation: number | null;
  /** in the order of the seeds */
  values: number[];
}

/** The headline figures of every descriptor over seeds; those that some seed lacks are left out. */
export function seedFigures(runs: readonly SeedRun[]): SeedFigure[] {
  const lists = runs.map(({ measures }) => headlines(measures));
  return [...lists[0].values()].flatMap(({ descriptor, figure }) => {
    const values = lists.flatMap((list) =>
      list.get(keyOf(descriptor, figure))?.value ?? []
    );
    if (values.length < runs.length) return [];
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const deviation = values.length < 2
      ? null
      : Math.sqrt(squares / (values.length - 1));
    return [{ descriptor, figure, mean, deviation, values }];
  });
}

interface Headline {
  descriptor: string;
  figure: string;
  value: number;
}

const keyOf = (descriptor: string, figure: string) =>
  JSON.stringify([descriptor, figure]);

function headlines(
  { phototour, hpatches }: SeedRun["measures"],
): Map<string, Headline> {
  const found = new Map<string, Headline>();
  const note = (descriptor: string, figure: string, value?: number) => {
    if (value === undefined) return;
    found.set(keyOf(descriptor, figure), { descriptor, figure, value });
  };
  for (const [set, byDescriptor] of Object.entries(phototour)) {
    const { title, better } = pairMeasureTitles.fpr95;
    for (const [name, { fpr95 }] of Object.entries(byDescriptor)) {
      note(name, withArrow({ title: `${title} ${set}`, better }), fpr95);
    }
  }
  for (const [split, byDescriptor] of Object.entries(hpatches)) {
    for (const [name, figures] of Object.entries(byDescriptor)) {
      for (const task of hpatchesTaskNames) {
        note(name, `${task} ${split} ↑`, headlineFigure(task, figures));
      }
    }
  }
  return found;
}

/** The figures as a table, a row a descriptor: mean ± standard deviation, percent. */
export function seedTable(name: string, runs: readonly SeedRun[]): Table {
  const figures = seedFigures(runs);
  const columns = [...new Set(figures.map(({ figure }) => figure))];
  const descriptors = [...new Set(figures.map((one) => one.descriptor))];
  return {
    title: `${name}, %, mean ± standard deviation of seeds ${
      runs.map(({ seed }) => seed).join(", ")
    }`,
    header: ["descriptor", ...columns],
    rows: descriptors.map((descriptor) => [
      descriptor,
      ...columns.map((column) => {
        const found = figures.find((one) =>
          one.descriptor === descriptor && one.figure === column
        );
        return found === undefined ? "–" : spreadText(found);
      }),
    ]),
  };
}

function spreadText({ mean, deviation }: SeedFigure): string {
  const text = (100 * mean).toFixed(2);
  return deviation === null
    ? text
    : `${text} ± ${(100 * deviation).toFixed(2)}`;
}

/**
 * Writes what the seeds came to as `results.json` (fractions), `results.md` and `results.tex`.
 *
 * @returns the table
 * @throws {PipelineError} when the folder cannot be written to
 */
export async function writeSeedTables(
  directory: string,
  name: string,
  runs: readonly SeedRun[],
): Promise<Table> {
  const table = seedTable(name, runs);
  const texts = {
    "results.json": prettyJson({
      config: name,
      seeds: runs.map(({ seed }) => seed),
      figures: seedFigures(runs),
    }),
    "results.md": `${markdownTable(table)}\n`,
    "results.tex": `${latexTable(table)}\n`,
  };
  for (const [file, text] of Object.entries(texts)) {
    const path = join(directory, file);
    await writeFileAtomically("write the figures over seeds", path, text);
  }
  return table;
}
