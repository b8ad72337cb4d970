// @ts-types="@types/d3-scale"
import { scaleLinear } from "d3-scale";
import * as v from "valibot";
import { readMetrics } from "../read_metrics.ts";
import { heading } from "./heading.ts";
import { label, picture, polyline, rule, theme } from "./svg.ts";

const metricsLine = v.variant("kind", [
  v.object({
    kind: v.literal("step"),
    step: v.number(),
    medianPositive: v.number(),
    medianNegative: v.number(),
    zeroPosition: v.optional(v.number()),
  }),
  v.object({
    kind: v.literal("test"),
    step: v.number(),
    fpr95: v.record(v.string(), v.number()),
  }),
]);

/** What `metrics.jsonl` of a training stage says every few steps and at each epoch's end. */
export type MetricsLine = v.InferOutput<typeof metricsLine>;

/** One training of a config, whatever its seed. */
export interface TrainingRun {
  config: string;
  lines: readonly MetricsLine[];
}

/** Reads the course of a run's stage 1; a run without it has no lines. */
export async function readTrainingRun(
  config: string,
  runDirectory: string,
): Promise<TrainingRun> {
  return {
    config,
    lines: await readMetrics(runDirectory, "stage1", metricsLine),
  };
}

const series = [
  ["median distance of hardest positives, a", "medianPositive", "#0072b2"],
  ["median distance of hardest negatives, b", "medianNegative", "#e69f00"],
  ["zero position, B/2", "zeroPosition", "#009e73"],
] as const;
const plot = { width: 330, height: 210 };
const gap = { across: 70, down: 84 };
const margin = { left: 60, top: 84, right: 24, bottom: 52 };
/** Panels side by side. */
const mostAcross = 3;

/** Distances by step, one panel a config, one line a seed, as SVG; FPR95, the mean of the seeds, stands at its epoch's end. */
export function seedCurves(runs: readonly TrainingRun[]): string {
  const configs = [...new Set(runs.map(({ config }) => config))];
  const across = Math.min(mostAcross, configs.length);
  const down = Math.ceil(configs.length / mostAcross);
  const width = margin.left + across * plot.width +
    (across - 1) * gap.across + margin.right;
  const height = margin.top + down * plot.height + (down - 1) * gap.down +
    margin.bottom;
  const lastStep = Math.max(
    ...runs.flatMap(({ lines }) => lines.map(({ step }) => step)),
  );
  const x = scaleLinear([0, lastStep], [0, plot.width]);
  const y = scaleLinear([0, 2.8], [plot.height, 0]);
  const panels = configs.map((config, index) => {
    const column = index % mostAcross;
    const left = margin.left + column * (plot.width + gap.across);
    const top = margin.top +
      Math.floor(index / mostAcross) * (plot.height + gap.down);
    const of = runs.filter((run) => run.config === config);
    return [
      label(left, top - 14, config, { "font-weight": "600" }),
      ...axes(left, top, column === 0),
      ...of.flatMap((run) => curves(run, left, top)),
      ...testFigures(of, left, top),
    ].join("");
  });
  const title = "Distances in training, one line a seed";
  return picture(
    width,
    height,
    title,
    heading(margin.left, width - margin.left, {
      title,
      keys: series.map(([name, , colour]) => ({ name, colour })),
    }).svg,
    ...panels,
  );

  function axes(left: number, top: number, isFirst: boolean): string[] {
    const bottom = top + plot.height;
    const rows = y.ticks(5).map((value) => {
      const at = top + y(value);
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
    const middle = top + plot.height / 2;
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

  function curves(
    { lines }: TrainingRun,
    left: number,
    top: number,
  ): string[] {
    return series.map(([, key, colour]) => {
      const points = lines.flatMap((line) => {
        const value = line.kind === "step" ? line[key] : undefined;
        if (value === undefined) return [];
        return [[left + x(line.step), top + y(value)] as const];
      });
      return points.length === 0
        ? ""
        : polyline(points, { stroke: colour, "stroke-width": 1.4 });
    });
  }

  function testFigures(
    of: readonly TrainingRun[],
    left: number,
    top: number,
  ): string[] {
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
      const bottom = top + plot.height;
      return [
        rule(at, top, at, bottom, {
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
