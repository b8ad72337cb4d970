import type { BootstrapResult } from "../evaluation/measures.ts";
import { quantile } from "../evaluation/bootstrap.ts";
import { figureList } from "../evaluation/figure_list.ts";
import type { HpatchesMeasures } from "../evaluation/measures.ts";
import type { Table } from "./tables.ts";

/** One method's figures by split, with intervals where they were taken. */
export interface ComparedMethod {
  label: string;
  splits: Record<string, HpatchesMeasures>;
  bootstrap: Record<string, BootstrapResult>;
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

/** What two methods have in common on one split. */
export interface SplitComparison {
  split: string;
  figures: FigureComparison[];
  /** what the table leaves out, and why, one line each */
  leftOut: string[];
  /** why there is no interval */
  withoutInterval?: string;
}

/**
 * Compares two methods figure by figure. With equal draws of the bootstrap, replicate r of both stands for the same
 * sequences, and the interval is that of the differences: the sequences' own difficulty cancels.
 */
export function compareMethods(
  a: ComparedMethod,
  b: ComparedMethod,
): SplitComparison[] {
  return Object.keys(a.splits).filter((split) => split in b.splits).map(
    (split) => {
      const withoutInterval = reasonAgainst(
        a.bootstrap[split],
        b.bootstrap[split],
      );
      const others = figureList(b.splits[split]);
      const figures: FigureComparison[] = [];
      for (const [name, figure] of figureList(a.splits[split])) {
        const other = others.get(name);
        if (other === undefined) continue;
        if (name === "retrieval.mean" && poolsDiffer(a, b, split)) continue;
        const interval = withoutInterval === undefined
          ? differenceInterval(
            a.bootstrap[split].figures[name]?.replicates ?? [],
            b.bootstrap[split].figures[name]?.replicates ?? [],
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
        split,
        figures,
        leftOut: leftOut(a, b, split),
        ...(withoutInterval === undefined ? {} : { withoutInterval }),
      };
    },
  );
}

/** A mean over pool sizes compares only with one over the same sizes. */
function poolsDiffer(
  a: ComparedMethod,
  b: ComparedMethod,
  split: string,
): boolean {
  const [first, second] = [a, b].map((method) => poolSizes(method, split));
  return first !== second && first !== "" && second !== "";
}

function poolSizes({ splits }: ComparedMethod, split: string): string {
  return Object.keys(splits[split].retrieval?.mean ?? {}).join(", ");
}

/** The figures that only one has, by task, and the mean over pool sizes that are not the same. */
function leftOut(
  a: ComparedMethod,
  b: ComparedMethod,
  split: string,
): string[] {
  const lines: string[] = [];
  for (const [one, other] of [[a, b], [b, a]]) {
    const tasks = Object.keys(one.splits[split]).filter((task) =>
      !(task in other.splits[split])
    );
    if (tasks.length > 0) {
      lines.push(`without ${tasks.join(", ")}: only ${one.label} has it`);
    }
  }
  if (poolsDiffer(a, b, split)) {
    lines.push(
      `without retrieval.mean: a mean over k = ${
        poolSizes(a, split)
      } does not compare with one over k = ${poolSizes(b, split)}`,
    );
  }
  return lines;
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
    return "no intervals: the split's sequences are not the same";
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
  { split, figures }: SplitComparison,
  a: string,
  b: string,
  full: boolean,
): Table {
  const shown = figures.filter(({ name }) => full || isBrief(name));
  const withInterval = shown.some(({ interval }) => interval !== undefined);
  return {
    title: `Split ${split}, %: ${b} − ${a}`,
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
  return /^(\w+\.mean|matching\.\w+)$/.test(name);
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
