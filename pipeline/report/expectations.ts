import type { Config } from "../config.ts";
import {
  type ExpectedMeasure,
  hpatchesTaskNames,
  imagePairFigureNames,
} from "../config/task_names.ts";
import { headlineFigure } from "../evaluation/figure_list.ts";
import type { Measures } from "../evaluation/measures.ts";
import {
  type ExpectedFigure,
  parseExpectedFigure,
} from "../config/expected.ts";
import type { RunResults } from "./results_schema.ts";
import { percent, type Table } from "./tables.ts";
import { expectedTitle } from "./titles.ts";

/** An expected figure beside the trained network's own; all figures are fractions. */
export type Expectation = RunResults["expect"][number];

/**
 * What became of an expected figure: within the tolerance, better than that, worse than that, or not measured at all because
 * the config leaves out the test set, the split or the task.
 */
export type Verdict = Expectation["verdict"];

/** The part of a run's measures that can be expected. */
type Figures = Pick<Measures, "phototour" | "hpatches" | "image_pairs">;

/** Rounding of decimal fractions: a difference of just the tolerance is within it. */
const rounding = 1e-9;

/** The trained network's figures beside the published ones that the config names in `[expect]`, in its order. */
export function compareWithExpected(
  config: Config,
  measures: Figures,
): Expectation[] {
  return config.expect.figures.map((text) => {
    const expected = parseExpectedFigure(text);
    const ours = measured(expected, measures);
    if (ours === undefined) {
      return {
        ...expected,
        ours: null,
        difference: null,
        verdict: "not measured",
      };
    }
    const difference = ours - expected.value;
    return {
      ...expected,
      ours,
      difference,
      verdict: verdictOn(expected, difference),
    };
  });
}

function verdictOn(
  { measure, tolerance }: ExpectedFigure,
  difference: number,
): Verdict {
  const gain = expectedTitle(measure).better === "smaller"
    ? -difference
    : difference;
  if (gain < -tolerance - rounding) return "missed";
  return gain > tolerance + rounding ? "better" : "met";
}

/** The figure of the trained network that an expectation speaks of. */
function measured(
  { measure, on }: ExpectedFigure,
  { phototour, hpatches, image_pairs }: Figures,
): number | undefined {
  if (isOneOf(hpatchesTaskNames, measure)) {
    const figures = hpatches[on]?.trained;
    return figures && headlineFigure(measure, figures);
  }
  if (isOneOf(imagePairFigureNames, measure)) {
    return image_pairs?.[on]?.trained?.figures[measure] ?? undefined;
  }
  return phototour[on]?.trained?.[measure];
}

function isOneOf<Name extends ExpectedMeasure>(
  names: readonly Name[],
  measure: ExpectedMeasure,
): measure is Name {
  return (names as readonly ExpectedMeasure[]).includes(measure);
}

/** Whether a figure was measured and is not worse than its tolerance allows. */
export function isReached(verdict: Verdict): boolean {
  return verdict === "met" || verdict === "better";
}

/** Whether every expected figure was measured and none is worse than its tolerance allows; true when nothing is expected. */
export function expectationsHold(config: Config, measures: Figures): boolean {
  return compareWithExpected(config, measures).every(({ verdict }) =>
    isReached(verdict)
  );
}

/** Titles of the cells of {@linkcode expectationRow}. */
export const expectationHeader: readonly string[] = [
  "figure",
  "published",
  "ours",
  "difference",
  "tolerance",
  "verdict",
];

/** One comparison as cells of a table, in percent. */
export function expectationRow(row: Expectation): string[] {
  return [
    `${expectedTitle(row.measure).title} ${row.on}`,
    percent(row.value),
    percent(row.ours ?? undefined),
    signedPercent(row.difference),
    percent(row.tolerance),
    row.verdict,
  ];
}

/** The comparison as a table; none when the config expects nothing. */
export function expectationTables(
  config: Config,
  measures: Figures,
): Table[] {
  const { source } = config.expect;
  const rows = compareWithExpected(config, measures);
  if (rows.length === 0) return [];
  return [{
    title: `Beside the published figures${
      source === "" ? "" : ` (${source})`
    }, %`,
    header: [...expectationHeader],
    rows: rows.map(expectationRow),
  }];
}

function signedPercent(difference: number | null): string {
  if (difference === null) return percent(undefined);
  return difference > 0 ? `+${percent(difference)}` : percent(difference);
}
