// @ts-types="@types/d3-scale"
import { scaleLinear } from "d3-scale";
import {
  label,
  legend,
  picture,
  polyline,
  rule,
  theme,
} from "../../pipeline/report/pictures/svg.ts";

/** What `metrics.jsonl` of a training stage says every few steps and at each epoch's end. */
export type MetricsLine =
  | {
    kind: "step";
    step: number;
    medianPositive: number;
    medianNegative: number;
    zeroPosition?: number;
  }
  | { kind: "test"; step: number; fpr95: Record<string, number> };

/** One training, by the loss it ran under. */
export interface TrainingRun {
  loss: string;
  lines: readonly MetricsLine[];
}

const series = [
  ["median distance of hardest positives, a", "medianPositive", "#0072b2"],
  ["median distance of hardest negatives, b", "medianNegative", "#e69f00"],
  ["zero position, B/2", "zeroPosition", "#009e73"],
] as const;
const plot = { width: 330, height: 210 };
const gap = 70;
const margin = { left: 60, top: 84, right: 24, bottom: 52 };

/** Distances by step, one panel a loss, one line a seed, as SVG; FPR95 of each seed stands at its epoch's end. */
export function trainingCurves(runs: readonly TrainingRun[]): string {
  const losses = [...new Set(runs.map(({ loss }) => loss))];
  const width = margin.left + losses.length * plot.width +
    (losses.length - 1) * gap + margin.right;
  const height = margin.top + plot.height + margin.bottom;
  const lastStep = Math.max(
    ...runs.flatMap(({ lines }) => lines.map(({ step }) => step)),
  );
  const x = scaleLinear([0, lastStep], [0, plot.width]);
  const y = scaleLinear([0, 2.8], [plot.height, 0]);
  const panels = losses.map((loss, index) => {
    const left = margin.left + index * (plot.width + gap);
    const of = runs.filter((run) => run.loss === loss);
    return [
      label(left, margin.top - 14, loss, { "font-weight": "600" }),
      ...axes(left, index === 0),
      ...of.flatMap((run) => curves(run, left)),
      ...testFigures(of, left),
    ].join("");
  });
  const title = "Training on the bundled photographs";
  return picture(
    width,
    height,
    title,
    label(margin.left, 26, title, { "font-size": 16, "font-weight": "600" }),
    legend(
      margin.left,
      50,
      series.map(([name, , colour]) => ({ name, colour })),
    ),
    ...panels,
  );

  function axes(left: number, isFirst: boolean): string[] {
    const bottom = margin.top + plot.height;
    const rows = y.ticks(5).map((value) => {
      const at = margin.top + y(value);
      const text = label(left - 8, at + 4, value.toFixed(1), {
        "text-anchor": "end",
        fill: theme.faint,
      });
      return rule(left, at, left + plot.width, at, { stroke: theme.grid }) +
        text;
    });
    const columns = x.ticks(6).map((value) =>
      label(left + x(value), bottom + 18, String(value), {
        "text-anchor": "middle",
        fill: theme.faint,
      })
    );
    const middle = margin.top + plot.height / 2;
    return [
      ...rows,
      ...columns,
      label(left + plot.width / 2, bottom + 40, "step", {
        "text-anchor": "middle",
      }),
      isFirst
        ? label(16, middle, "distance of descriptors", {
          "text-anchor": "middle",
          transform: `rotate(-90 16 ${middle})`,
        })
        : "",
    ];
  }

  function curves({ lines }: TrainingRun, left: number): string[] {
    return series.map(([, key, colour]) => {
      const points = lines.flatMap((line) => {
        const value = line.kind === "step" ? line[key] : undefined;
        if (value === undefined) return [];
        return [[left + x(line.step), margin.top + y(value)] as const];
      });
      return points.length === 0
        ? ""
        : polyline(points, { stroke: colour, "stroke-width": 1.4 });
    });
  }

  function testFigures(of: readonly TrainingRun[], left: number): string[] {
    const bySteps = new Map<number, number[]>();
    for (const line of of.flatMap(({ lines }) => lines)) {
      if (line.kind !== "test") continue;
      const [fpr95] = Object.values(line.fpr95);
      bySteps.set(line.step, [...bySteps.get(line.step) ?? [], fpr95]);
    }
    return [...bySteps].flatMap(([step, values]) => {
      const at = left + x(step);
      const mean = values.reduce((sum, value) => sum + value, 0) /
        values.length;
      const bottom = margin.top + plot.height;
      return [
        rule(at, margin.top, at, bottom, {
          stroke: theme.axis,
          "stroke-dasharray": "2 4",
        }),
        label(at - 5, bottom - 8, `FPR95 ${(100 * mean).toFixed(1)} %`, {
          "text-anchor": "end",
          fill: theme.ink,
        }),
      ];
    });
  }
}
