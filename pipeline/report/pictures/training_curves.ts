// @ts-types="@types/d3-scale"
import { scaleLinear } from "d3-scale";
import * as v from "valibot";
import { formatNumber } from "../../progress_meter.ts";
import { readMetrics } from "../read_metrics.ts";
import { heading } from "./heading.ts";
import {
  colourOf,
  element,
  label,
  narrowWidth,
  picture,
  polyline,
  rule,
  theme,
} from "./svg.ts";

/** A value by the step of its stage. */
type Series = [step: number, value: number][];

/** How a stage's training went. */
export interface TrainingCourse {
  /** `stage1` */
  stage: string;
  loss: Series;
  /** FPR95 by test set, fractions */
  fpr95: Record<string, Series>;
}

const record = v.variant("kind", [
  v.object({ kind: v.literal("step"), step: v.number(), loss: v.number() }),
  v.object({
    kind: v.literal("test"),
    step: v.number(),
    fpr95: v.record(v.string(), v.number()),
  }),
]);

/**
 * Reads the course of the stages that trained; what is not there, or of another shape, is left out.
 *
 * @param stages names of the stages whose outputs are in the run folder
 */
export async function readTrainingCourses(
  runDirectory: string,
  stages: readonly string[],
): Promise<TrainingCourse[]> {
  const courses: TrainingCourse[] = [];
  for (const stage of stages) {
    const course: TrainingCourse = { stage, loss: [], fpr95: {} };
    for (const line of await readMetrics(runDirectory, stage, record)) {
      if (line.kind === "step") {
        course.loss.push([line.step, line.loss]);
        continue;
      }
      for (const [set, value] of Object.entries(line.fpr95)) {
        (course.fpr95[set] ??= []).push([line.step, value]);
      }
    }
    if (course.loss.length > 1) courses.push(course);
  }
  return courses;
}

const usualPlot = { width: 400, height: 200 };
const margin = { left: 58, belowHeading: 32, right: 22, bottom: 46 };
const gap = { x: 70, y: 84 };
/** So many are drawn as dots, too: one test alone makes no line. */
const fewPoints = 30;
/** A test set's line: sets are few, and drawn in this order. */
const setColours = [colourOf("trained"), colourOf("pixels"), theme.right];

/** Loss and FPR95 by step, a row a stage, as SVG. @param columns 2, or 1 where there is little room */
export function trainingChart(
  courses: readonly TrainingCourse[],
  columns: 1 | 2,
): string {
  const title = "Training";
  const plot = columns === 1
    ? { ...usualPlot, width: narrowWidth - margin.left - margin.right }
    : usualPlot;
  const panels = courses.flatMap(({ stage, loss, fpr95 }) => [
    drawPanel(`${stage}: loss`, plot, { loss }, String),
    ...(Object.keys(fpr95).length === 0 ? [] : [
      drawPanel(
        `${stage}: FPR95 on test pairs, %`,
        plot,
        fpr95,
        (value) => formatNumber(100 * value),
      ),
    ]),
  ]);
  const rows = Math.ceil(panels.length / columns);
  const width = margin.left + columns * plot.width + (columns - 1) * gap.x +
    margin.right;
  const head = heading(margin.left, width - margin.left, {
    title,
    note:
      "by step; the loss follows the data and need not fall while things go well",
  });
  const firstTop = head.bottom + margin.belowHeading;
  return picture(
    width,
    firstTop + rows * plot.height + (rows - 1) * gap.y + margin.bottom,
    title,
    head.svg,
    ...panels.map((panel, index) => {
      const x = margin.left + index % columns * (plot.width + gap.x);
      const y = firstTop +
        Math.floor(index / columns) * (plot.height + gap.y);
      return `<g transform="translate(${x} ${y})">${panel}</g>`;
    }),
  );
}

function drawPanel(
  title: string,
  plot: typeof usualPlot,
  lines: Record<string, Series>,
  text: (value: number) => string,
): string {
  const all = Object.values(lines).flat();
  const most = all.reduce((most, [step]) => Math.max(most, step), 1);
  const values = all.map(([, value]) => value);
  const low = values.reduce((low, value) => Math.min(low, value), Infinity);
  const high = values.reduce((high, value) => Math.max(high, value), low);
  const xScale = scaleLinear([0, most], [0, plot.width]);
  const room = high > low ? [low, high] : [low * 0.9, low * 1.1 || 1];
  const yScale = scaleLinear(room, [plot.height, 0]).nice(5);
  const parts = [label(0, -10, title, { "font-weight": 600 })];
  for (const tick of yScale.ticks(5)) {
    const y = yScale(tick);
    parts.push(
      rule(0, y, plot.width, y, { stroke: theme.grid }),
      label(-8, y + 4, text(Number(tick.toPrecision(6))), {
        "text-anchor": "end",
        "font-size": 11,
        fill: theme.faint,
      }),
    );
  }
  for (const tick of xScale.ticks(5)) {
    parts.push(label(xScale(tick), plot.height + 17, String(tick), {
      "text-anchor": "middle",
      "font-size": 11,
      fill: theme.faint,
    }));
  }
  const names = Object.keys(lines);
  names.forEach((name, index) => {
    const stroke = setColours[index % setColours.length];
    const points = lines[name].map(([step, value]) =>
      [xScale(step), yScale(value)] as const
    );
    parts.push(polyline(points, { stroke, "stroke-width": 1.8 }));
    if (points.length <= fewPoints) {
      parts.push(
        ...points.map(([cx, cy]) =>
          element("circle", { cx, cy, r: 3, fill: stroke })
        ),
      );
    }
    if (names.length > 1) {
      parts.push(label(plot.width, 12 + 15 * index, name, {
        "text-anchor": "end",
        fill: stroke,
      }));
    }
  });
  parts.push(
    rule(0, plot.height, plot.width, plot.height, { stroke: theme.axis }),
  );
  return parts.join("");
}
