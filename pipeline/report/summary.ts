import * as v from "valibot";
import { PipelineError } from "../errors.ts";
import { retrievalMean, verificationMean } from "../evaluation/figure_list.ts";
import {
  type Expectation,
  expectationHeader,
  expectationRow,
  isReached,
} from "./expectations.ts";
import { hpatchesMeasures } from "./measures_schema.ts";
import { percent, type Table } from "./tables.ts";

const figure = v.number();

/** The part of a run's `results.json` that a summary needs; the rest is left out. */
const runResults = v.object({
  config: v.object({ name: v.string() }),
  phototour: v.record(
    v.string(),
    v.record(v.string(), v.object({ fpr95: figure })),
  ),
  hpatches: v.record(
    v.string(),
    v.record(v.string(), hpatchesMeasures),
  ),
  expect: v.optional(
    v.array(v.object({
      measure: v.picklist(["fpr95", "verification", "matching", "retrieval"]),
      on: v.string(),
      value: figure,
      tolerance: figure,
      ours: v.nullable(figure),
      difference: v.nullable(figure),
      verdict: v.picklist(["met", "better", "missed", "not measured"]),
    })),
    [],
  ),
});

/** What a summary says of one run. */
export interface SummarisedRun {
  /** name of the config */
  name: string;
  /** the trained network's figures, fractions, by column title */
  figures: Map<string, number>;
  /** beside the published figures */
  expected: Expectation[];
}

/** A badge in the form of the endpoint that shields.io reads. */
export interface Badge {
  schemaVersion: 1;
  label: string;
  message: string;
  color: string;
}

/**
 * Reads a run's `results.json`.
 *
 * @throws {PipelineError} when it cannot be read or is no such file
 */
export async function readRun(path: string): Promise<SummarisedRun> {
  const refuse = (found: string) =>
    new PipelineError({
      attempt: "join the results",
      where: path,
      found,
      wanted: "a results.json that a run wrote",
    });
  let content: unknown;
  try {
    content = JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    throw refuse(
      error instanceof Deno.errors.NotFound
        ? "no such file"
        : (error as Error).message,
    );
  }
  const parsed = v.safeParse(runResults, content);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw refuse(`${issue.received} at ${v.getDotPath(issue) ?? "its top"}`);
  }
  const { config, phototour, hpatches, expect } = parsed.output;
  const figures = new Map<string, number>();
  const note = (title: string, value: number | undefined) => {
    if (value !== undefined) figures.set(title, value);
  };
  for (const [set, { trained }] of Object.entries(phototour)) {
    note(`FPR95 ${set} ↓`, trained?.fpr95);
  }
  for (const [split, { trained }] of Object.entries(hpatches)) {
    if (trained === undefined) continue;
    note(`verification ${split} ↑`, verificationMean(trained));
    note(`matching ${split} ↑`, trained.matching?.mean);
    note(`retrieval ${split} ↑`, retrievalMean(trained));
  }
  return { name: config.name, figures, expected: expect };
}

/** The runs' trained networks in one table, and every figure that has a published one beside it in another. */
export function summaryTables(runs: readonly SummarisedRun[]): Table[] {
  const titles = [
    ...new Set(runs.flatMap(({ figures }) => [...figures.keys()])),
  ];
  const tables: Table[] = [{
    title: "The trained networks, %",
    header: ["config", ...titles],
    rows: runs.map(({ name, figures }) => [
      name,
      ...titles.map((title) => percent(figures.get(title))),
    ]),
  }];
  const rows = runs.flatMap(({ name, expected }) =>
    expected.map((row) => [name, ...expectationRow(row)])
  );
  if (rows.length > 0) {
    tables.push({
      title: "Beside the published figures, %",
      header: ["config", ...expectationHeader],
      rows,
    });
  }
  return tables;
}

/** How many of the published figures the runs reach. */
export function summaryBadge(runs: readonly SummarisedRun[]): Badge {
  const verdicts = runs.flatMap(({ expected }) => expected)
    .map(({ verdict }) => verdict);
  const reached = verdicts.filter(isReached).length;
  const badge = { schemaVersion: 1, label: "published figures" } as const;
  if (verdicts.length === 0) {
    return { ...badge, message: "none compared", color: "lightgrey" };
  }
  const message = `${reached} of ${verdicts.length} reached`;
  const color = reached === verdicts.length
    ? "brightgreen"
    : reached > 0
    ? "orange"
    : "red";
  return { ...badge, message, color };
}

/** Whether no run misses a published figure, or leaves one out. */
export function allReached(runs: readonly SummarisedRun[]): boolean {
  return runs.every(({ expected }) =>
    expected.every(({ verdict }) => isReached(verdict))
  );
}
