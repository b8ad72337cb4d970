// @ts-types="@types/d3-scale"
import { scaleLog } from "d3-scale";
import { heading } from "./heading.ts";
import { element, label, narrowWidth, picture, rule, theme } from "./svg.ts";

/** A figure of one method. */
export interface Dot {
  name: string;
  /** fraction, more than 0 is drawn */
  value: number;
  colour: string;
  /** somebody else's figure, drawn hollow */
  published: boolean;
}

/** Figures of the methods on one set. */
export interface DotPanel {
  title: string;
  dots: readonly Dot[];
}

const usualPlot = { width: 250, row: 22 };
const margin = { left: 20, belowHeading: 46, right: 66, bottom: 48 };
const nameRoom = 96;
const rowGap = 84;

/** Figures on a logarithmic axis, a row a method, as SVG: for rates that span two orders of magnitude. */
export function dotChart(
  title: string,
  axis: string,
  panels: readonly DotPanel[],
  columns: number = panels.length,
): string {
  const plot = columns === 1
    ? {
      ...usualPlot,
      width: narrowWidth - margin.left - nameRoom - margin.right,
    }
    : usualPlot;
  const rows = Math.max(...panels.map(({ dots }) => dots.length));
  const values = panels.flatMap(({ dots }) => dots.map(({ value }) => value))
    .filter((value) => value > 0);
  const decade = Math.max(Math.floor(Math.log10(Math.min(...values, 0.1))), -5);
  const scale = scaleLog([10 ** decade, 1], [0, plot.width]);
  const ticks = Array.from(
    { length: 1 - decade },
    (_, i) => 10 ** (decade + i),
  );
  const plotHeight = rows * plot.row + 8;
  const panelHeight = plotHeight + rowGap;
  const panelWidth = nameRoom + plot.width + margin.right;
  const width = margin.left + Math.min(columns, panels.length) * panelWidth;
  const hasPublished = panels.some(({ dots }) =>
    dots.some(({ published }) => published)
  );
  const head = heading(margin.left, width - margin.left, {
    title,
    note: hasPublished
      ? "smaller is better; hollow: published by others"
      : "smaller is better",
  });
  const firstTop = head.bottom + margin.belowHeading;
  const drawn = panels.map((panel, index) => {
    const left = margin.left + nameRoom + index % columns * panelWidth;
    const top = firstTop + Math.floor(index / columns) * panelHeight;
    const parts = [
      label(-nameRoom, -12, panel.title, { "font-weight": 600 }),
      ...ticks.flatMap((tick) => [
        rule(scale(tick), 0, scale(tick), plotHeight, { stroke: theme.grid }),
        label(
          scale(tick),
          plotHeight + 16,
          `${Number((100 * tick).toPrecision(1))} %`,
          { "text-anchor": "middle", "font-size": 11, fill: theme.faint },
        ),
      ]),
      label(plot.width / 2, plotHeight + 36, axis, {
        "text-anchor": "middle",
        fill: theme.faint,
      }),
      ...panel.dots.map((dot, row) =>
        drawDot(dot, row * plot.row + plot.row / 2 + 4, scale, 10 ** decade)
      ),
    ];
    return `<g transform="translate(${left} ${top})">${parts.join("")}</g>`;
  });
  return picture(
    width,
    firstTop + Math.ceil(panels.length / columns) * panelHeight - rowGap +
      margin.bottom,
    title,
    head.svg,
    ...drawn,
  );
}

function drawDot(
  { name, value, colour, published }: Dot,
  y: number,
  scale: (value: number) => number,
  least: number,
): string {
  const x = scale(Math.max(value, least));
  return rule(0, y, x, y, { stroke: theme.grid, "stroke-width": 2 }) +
    label(-10, y + 4, name, {
      "text-anchor": "end",
      fill: published ? theme.published : theme.ink,
    }) +
    element("circle", {
      cx: x,
      cy: y,
      r: 5,
      stroke: colour,
      "stroke-width": 2,
      fill: published ? theme.paper : colour,
    }) +
    label(x + 11, y + 4, `${(100 * value).toFixed(2)}`, {
      "font-size": 11,
      fill: theme.faint,
    });
}
