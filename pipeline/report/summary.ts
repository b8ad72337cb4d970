import * as v from "valibot";
import { PipelineError } from "../errors.ts";
import {
  type Expectation,
  expectationHeader,
  expectationRow,
  isReached,
} from "./expectations.ts";
import { pairMeasures } from "../evaluation/measures_schema.ts";
import { headlines } from "./headlines.ts";
import { checkShape, readJson } from "./read_json.ts";
import { pairResults, runResults } from "./results_schema.ts";
import { percent, type Table } from "./tables.ts";

/** What a summary needs of a run's `results.json`; that of another release may lack measures and expectations. */
const summarised = v.object({
  config: runResults.entries.config,
  phototour: v.record(
    v.string(),
    v.record(v.string(), v.partial(pairMeasures)),
  ),
  hpatches: runResults.entries.hpatches,
  image_pairs: v.optional(pairResults.entries.image_pairs, {}),
  expect: v.optional(runResults.entries.expect, []),
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
export function readRun(path: string): SummarisedRun {
  const refuse = (found: string) =>
    new PipelineError({
      attempt: "join the results",
      where: path,
      found,
      wanted: "a results.json that a run wrote",
    });
  const { config, phototour, hpatches, image_pairs, expect } = checkShape(
    summarised,
    readJson(path, refuse),
    refuse,
  );
  const ofTrained = headlines({ phototour, hpatches, image_pairs })
    .filter(({ descriptor }) => descriptor === "trained");
  const figures = new Map(ofTrained.map(({ title, value }) => [title, value]));
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
