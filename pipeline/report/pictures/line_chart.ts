// @ts-types="@types/d3-scale"
import { scaleLinear, scaleLog } from "d3-scale";
import type { Line } from "../../metrics/separation_curves.ts";
import { heading } from "./heading.ts";
import {
  colourOf,
  label,
  narrowWidth,
  picture,
  polyline,
  rule,
  theme,
} from "./svg.ts";

/** A small picture in a grid of them. */
export interface Panel {
  title: string;
  /** by descriptor */
  lines: Record<string, Line>;
}

/** How an axis runs. */
export interface Axis {
  label: string;
  /** logarithmic from the smallest share there is, at least 10⁻⁴, to 1; otherwise 0 to 1 */
  logarithmic?: boolean;
}

/** What a grid of line charts shows. */
export interface LineChart {
  title: string;
  panels: readonly Panel[];
  columns: number;
  x: Axis;
  y: Axis;
  /** a dotted line at this height */
  mark?: number;
}

const usualPlot = { width: 240, height: 190 };
const gap = { x: 66, y: 74 };
const margin = { left: 64, belowHeading: 34, right: 22, bottom: 52 };
const smallestShare = 1e-4;

/** Width and height of a panel's inside, in pixels. */
type Size = typeof usualPlot;

/** Line charts side by side, or below each other in one column, that share their axes and colours, as SVG. */
export function lineChart(chart: LineChart): string {
  const { panels, columns } = chart;
  const shown = Math.min(columns, panels.length);
  const isNarrow = columns === 1;
  const plot = isNarrow
    ? { ...usualPlot, width: narrowWidth - margin.left - margin.right }
    : usualPlot;
  const rows = Math.ceil(panels.length / columns);
  const width = Math.max(
    margin.left + shown * plot.width + (shown - 1) * gap.x + margin.right,
    isNarrow ? narrowWidth : 480,
  );
  const names = [...new Set(panels.flatMap(({ lines }) => Object.keys(lines)))];
  const head = heading(margin.left, width - margin.left, {
    title: chart.title,
    keys: names.map((name) => ({ name, colour: colourOf(name) })),
  });
  const firstTop = head.bottom + margin.belowHeading;
  const height = firstTop + rows * plot.height + (rows - 1) * gap.y +
    margin.bottom;
  const xScale = scaleOf(chart.x, panels.flatMap(xValues), 0, plot.width);
  const yScale = scaleLinear([0, 1], [plot.height, 0]);
  const drawn = panels.map((panel, index) => {
    const left = margin.left + index % columns * (plot.width + gap.x);
    const top = firstTop + Math.floor(index / columns) *
        (plot.height + gap.y);
    return `<g transform="translate(${left} ${top})">${
      axes(panel.title, chart, plot, xScale, yScale)
    }${curves(panel, xScale, yScale)}</g>`;
  });
  return picture(
    width,
    height,
    chart.title,
    head.svg,
    ...drawn,
  );
}

interface Scale {
  (value: number): number;
  tickValues: number[];
}

function xValues({ lines }: Panel): number[] {
  return Object.values(lines).flatMap(({ x }) => x);
}

function scaleOf(
  axis: Axis,
  values: readonly number[],
  from: number,
  to: number,
): Scale {
  if (!axis.logarithmic) {
    const scale = scaleLinear([0, 1], [from, to]);
    return Object.assign((value: number) => scale(value), {
      tickValues: scale.ticks(5),
    });
  }
  const least = values.reduce(
    (least, value) => value > 0 && value < least ? value : least,
    0.1,
  );
  const start = Math.max(least, smallestShare);
  const scale = scaleLog([start, 1], [from, to]);
  // The tolerance is for the decades, which are no exact doubles.
  const decades = [-4, -3, -2, -1, 0].map((exponent) => 10 ** exponent)
    .filter((tick) => tick >= start * (1 - 1e-9));
  return Object.assign((value: number) => scale(Math.max(value, start)), {
    tickValues: decades,
  });
}

function axes(
  title: string,
  chart: LineChart,
  plot: Size,
  xScale: Scale,
  yScale: (value: number) => number,
): string {
  const parts = [label(0, -10, title, { "font-weight": 600 })];
  for (const tick of xScale.tickValues) {
    const x = xScale(tick);
    parts.push(
      rule(x, 0, x, plot.height, { stroke: theme.grid }),
      label(x, plot.height + 17, percentText(tick), {
        "text-anchor": "middle",
        "font-size": 11,
        fill: theme.faint,
      }),
    );
  }
  for (const tick of [0, 0.2, 0.4, 0.6, 0.8, 1]) {
    const y = yScale(tick);
    parts.push(
      rule(0, y, plot.width, y, { stroke: theme.grid }),
      label(-8, y + 4, percentText(tick), {
        "text-anchor": "end",
        "font-size": 11,
        fill: theme.faint,
      }),
    );
  }
  if (chart.mark !== undefined) {
    const y = yScale(chart.mark);
    parts.push(rule(0, y, plot.width, y, {
      stroke: theme.faint,
      "stroke-dasharray": "2 3",
    }));
  }
  parts.push(
    rule(0, plot.height, plot.width, plot.height, { stroke: theme.axis }),
    rule(0, 0, 0, plot.height, { stroke: theme.axis }),
    label(plot.width / 2, plot.height + 36, chart.x.label, {
      "text-anchor": "middle",
      fill: theme.faint,
    }),
    label(-plot.height / 2, -46, chart.y.label, {
      "text-anchor": "middle",
      transform: "rotate(-90)",
      fill: theme.faint,
    }),
  );
  return parts.join("");
}

/** Drawn in reverse, so that the first descriptor lies on top. */
function curves(
  { lines }: Panel,
  xScale: (value: number) => number,
  yScale: (value: number) => number,
): string {
  return Object.entries(lines).reverse().map(([name, { x, y }]) =>
    polyline(
      x.map((value, i) => [xScale(value), yScale(y[i])] as const),
      {
        stroke: colourOf(name),
        "stroke-width": name === "trained" ? 2.4 : 1.6,
        "stroke-linejoin": "round",
      },
    )
  ).join("");
}

function percentText(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}
