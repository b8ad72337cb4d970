import { quantile } from "../evaluation/bootstrap.ts";
import { figureList } from "../evaluation/figure_list.ts";
import type {
  BootstrapResult,
  HpatchesMeasures,
  ImagePairMeasures,
} from "../evaluation/measures.ts";
import type { Table } from "./tables.ts";
import { imagePairHeadlines } from "./titles.ts";

/** One method's figures by split and by set of image pairs, with intervals where they were taken. */
export interface ComparedMethod {
  label: string;
  splits: Record<string, HpatchesMeasures>;
  bootstrap: Record<string, BootstrapResult>;
  pairs: Record<string, ImagePairMeasures>;
}

/** A figure of two methods and their difference b − a, as fractions. */
export interface FigureComparison {
  name: string;
  a: number;
  b: number;
  difference: number;
  /** 95 % interval of the difference, when both methods have the same draws */
  interval?: { low: number; high: number };
}

/** What two methods have in common on one split or set of image pairs. */
export interface Comparison {
  /** `Split a`, `Image pairs photos` */
  title: string;
  figures: FigureComparison[];
  /** what the table leaves out, and why, one line each */
  leftOut: string[];
  /** why there is no interval */
  withoutInterval?: string;
}

/** A method's figures on one split or set. */
interface Measured {
  /** of the method */
  label: string;
  figures: ReadonlyMap<string, number>;
  bootstrap: BootstrapResult | undefined;
}

/**
 * Compares two methods figure by figure. With equal draws of the bootstrap, replicate r of both stands for the same
 * sequences, and the interval is that of the differences: the sequences' own difficulty cancels.
 */
export function compareMethods(
  a: ComparedMethod,
  b: ComparedMethod,
): Comparison[] {
  const [first, second] = [measuredOf(a), measuredOf(b)];
  return [...first].flatMap(([title, measured]) => {
    const other = second.get(title);
    return other === undefined ? [] : [compareOne(title, measured, other)];
  });
}

function measuredOf(
  { label, splits, bootstrap, pairs }: ComparedMethod,
): Map<string, Measured> {
  return new Map([
    ...Object.entries(splits).map(([split, measures]) =>
      [`Split ${split}`, {
        label,
        figures: figureList(measures),
        bootstrap: bootstrap[split],
      }] as const
    ),
    ...Object.entries(pairs).map(([set, { figures, bootstrap }]) =>
      [`Image pairs ${set}`, {
        label,
        figures: new Map(
          Object.entries(figures).flatMap(([name, value]) =>
            value === null ? [] : [[name, value]]
          ),
        ),
        bootstrap,
      }] as const
    ),
  ]);
}

function compareOne(title: string, a: Measured, b: Measured): Comparison {
  const withoutInterval = reasonAgainst(a.bootstrap, b.bootstrap);
  const figures: FigureComparison[] = [];
  for (const [name, figure] of a.figures) {
    const other = b.figures.get(name);
    if (other === undefined) continue;
    if (name === "retrieval.mean" && poolsDiffer(a, b)) continue;
    const interval = withoutInterval === undefined
      ? differenceInterval(
        a.bootstrap!.figures[name]?.replicates ?? [],
        b.bootstrap!.figures[name]?.replicates ?? [],
      )
      : undefined;
    figures.push({
      name,
      a: figure,
      b: other,
      difference: other - figure,
      ...(interval === undefined ? {} : { interval }),
    });
  }
  return {
    title,
    figures,
    leftOut: leftOut(a, b),
    ...(withoutInterval === undefined ? {} : { withoutInterval }),
  };
}

/** A mean over pool sizes compares only with one over the same sizes. */
function poolsDiffer(a: Measured, b: Measured): boolean {
  const [first, second] = [poolSizes(a), poolSizes(b)];
  return first !== second && first !== "" && second !== "";
}

function poolSizes({ figures }: Measured): string {
  const start = "retrieval.mean.";
  return [...figures.keys()].filter((name) => name.startsWith(start))
    .map((name) => name.slice(start.length)).join(", ");
}

/** The figures that only one has, by task, and the mean over pool sizes that are not the same. */
function leftOut(a: Measured, b: Measured): string[] {
  const lines: string[] = [];
  for (const [one, other] of [[a, b], [b, a]]) {
    const tasks = tasksOf(one).filter((task) => !tasksOf(other).includes(task));
    if (tasks.length > 0) {
      lines.push(`without ${tasks.join(", ")}: only ${one.label} has it`);
    }
  }
  if (poolsDiffer(a, b)) {
    lines.push(
      `without retrieval.mean: a mean over k = ${
        poolSizes(a)
      } does not compare with one over k = ${poolSizes(b)}`,
    );
  }
  return lines;
}

function tasksOf({ figures }: Measured): string[] {
  return [
    ...new Set([...figures.keys()].map((name) => name.replace(/\..*/, ""))),
  ];
}

function reasonAgainst(
  a: BootstrapResult | undefined,
  b: BootstrapResult | undefined,
): string | undefined {
  if (a === undefined || b === undefined) {
    return "no intervals: evaluate both with --bootstrap";
  }
  if (a.replicates !== b.replicates || a.seed !== b.seed) {
    return `no intervals: ${a.replicates} replicates of seed ${a.seed} and ` +
      `${b.replicates} of seed ${b.seed} are not the same draws`;
  }
  if (a.sequences.join() !== b.sequences.join()) {
    return "no intervals: the sequences are not the same";
  }
  return undefined;
}

/** 2.5 % and 97.5 % quantiles of b − a over the replicates that both have. */
function differenceInterval(
  a: readonly (number | null)[],
  b: readonly (number | null)[],
): { low: number; high: number } | undefined {
  const differences = a.flatMap((value, replicate) => {
    const other = b[replicate] ?? null;
    return value === null || other === null ? [] : [other - value];
  });
  const sorted = Float64Array.from(differences).sort();
  const low = quantile(sorted, 0.025);
  const high = quantile(sorted, 0.975);
  return low === null || high === null ? undefined : { low, high };
}

/** The comparison as a table; `full` takes in every figure, otherwise the headline figures and the noise levels. */
export function comparisonTable(
  { title, figures }: Comparison,
  a: string,
  b: string,
  full: boolean,
): Table {
  const shown = figures.filter(({ name }) => full || isBrief(name));
  const withInterval = shown.some(({ interval }) => interval !== undefined);
  return {
    title: `${title}, %: ${b} − ${a}`,
    header: [
      "figure",
      a,
      b,
      "difference",
      ...(withInterval ? ["95 % interval", "excludes 0"] : []),
    ],
    rows: shown.map(({ name, a, b, difference, interval }) => [
      name,
      points(a),
      points(b),
      signed(difference),
      ...(interval === undefined ? withInterval ? ["–", "–"] : [] : [
        `${signed(interval.low)} … ${signed(interval.high)}`,
        interval.low > 0 || interval.high < 0 ? "yes" : "no",
      ]),
    ]),
  };
}

/** Headline figures, and one figure a task and noise level. */
function isBrief(name: string): boolean {
  return /^(\w+\.mean|matching\.\w+)$/.test(name) ||
    (imagePairHeadlines as readonly string[]).includes(name);
}

function points(fraction: number): string {
  return (100 * fraction).toFixed(2);
}

function signed(fraction: number): string {
  const text = points(fraction);
  return text.startsWith("-")
    ? text.replace("-", "−")
    : `${Number(text) === 0 ? "" : "+"}${text}`;
}
