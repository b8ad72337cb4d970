import { join } from "@std/path";
import type { Measures } from "../evaluation/measures.ts";
import { prettyJson } from "../files/pretty_json.ts";
import { writeFileAtomically } from "../files/write_file.ts";
import { headlines } from "./headlines.ts";
import { latexTable, markdownTable } from "./render_tables.ts";
import type { Table } from "./tables.ts";

/** The figures of one seed. */
export interface SeedRun {
  seed: number;
  measures: Pick<Measures, "phototour" | "hpatches" | "image_pairs">;
}

/** A config under several seeds. */
export interface SeededConfig {
  name: string;
  runs: readonly SeedRun[];
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
  return lists[0].flatMap(({ descriptor, title: figure }) => {
    const values = lists.flatMap((list) =>
      list.find((one) => one.descriptor === descriptor && one.title === figure)
        ?.value ?? []
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

/** The figures as a table, a row a descriptor: mean ± standard deviation, percent. */
export function seedTable({ name, runs }: SeededConfig): Table {
  const rows = rowsOf(runs);
  return spreadTable(`${name}, %`, runs, "descriptor", rows);
}

/**
 * The figures of several configs under the same seeds as one table, mean ± standard deviation, percent: `trained` of each as a row named
 * as the config, another descriptor as a row of its own, once where all configs have the same figures of it.
 */
export function joinedSeedTable(configs: readonly SeededConfig[]): Table {
  const trained: Row[] = [];
  /** what the configs have of each other descriptor, by its figures */
  const others = new Map<string, Map<string, Row>>();
  for (const { name, runs } of configs) {
    for (const { title, cells } of rowsOf(runs)) {
      if (title === "trained") {
        trained.push({ title: name, cells });
        continue;
      }
      const different = others.get(title) ?? new Map<string, Row>();
      others.set(title, different);
      const text = JSON.stringify(cells);
      if (!different.has(text)) {
        different.set(text, { title: `${title} of ${name}`, cells });
      }
    }
  }
  const rest = [...others].flatMap(([title, different]) =>
    different.size > 1
      ? [...different.values()]
      : [...different.values()].map(({ cells }) => ({ title, cells }))
  );
  return spreadTable(
    "Configs beside each other, %",
    configs[0].runs,
    "config",
    [
      ...trained,
      ...rest,
    ],
  );
}

/** A descriptor's figures as text, by their titles. */
interface Row {
  title: string;
  cells: [figure: string, text: string][];
}

function rowsOf(runs: readonly SeedRun[]): Row[] {
  const figures = seedFigures(runs);
  const descriptors = [...new Set(figures.map((one) => one.descriptor))];
  return descriptors.map((title) => ({
    title,
    cells: figures.filter(({ descriptor }) => descriptor === title)
      .map((figure) => [figure.figure, spreadText(figure)]),
  }));
}

function spreadTable(
  subject: string,
  runs: readonly SeedRun[],
  first: string,
  rows: readonly Row[],
): Table {
  const columns = [
    ...new Set(rows.flatMap(({ cells }) => cells.map(([figure]) => figure))),
  ];
  return {
    title: `${subject}, mean ± standard deviation of seeds ${
      runs.map(({ seed }) => seed).join(", ")
    }`,
    header: [first, ...columns],
    rows: rows.map(({ title, cells }) => {
      const textOf = new Map(cells);
      return [title, ...columns.map((column) => textOf.get(column) ?? "–")];
    }),
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
 * @param configs one, whose descriptors are told, or several under the same seeds, which are told beside each other
 * @returns the table
 * @throws {PipelineError} when the folder cannot be written to
 */
export async function writeSeedTables(
  directory: string,
  configs: readonly SeededConfig[],
): Promise<Table> {
  const table = configs.length === 1
    ? seedTable(configs[0])
    : joinedSeedTable(configs);
  const figures = configs.map(({ name, runs }) => ({
    config: name,
    seeds: runs.map(({ seed }) => seed),
    figures: seedFigures(runs),
  }));
  const texts = {
    "results.json": prettyJson(figures.length === 1 ? figures[0] : figures),
    "results.md": `${markdownTable(table)}\n`,
    "results.tex": `${latexTable(table)}\n`,
  };
  for (const [file, text] of Object.entries(texts)) {
    const path = join(directory, file);
    await writeFileAtomically("write the figures over seeds", path, text);
  }
  return table;
}
