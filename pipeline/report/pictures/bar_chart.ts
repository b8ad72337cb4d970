// @ts-types="@types/d3-scale"
import { scaleBand, scaleLinear } from "d3-scale";
import { heading } from "./heading.ts";
import { spreadLabels } from "./spread_labels.ts";
import {
  colourOf,
  element,
  label,
  narrowWidth,
  picture,
  rule,
  theme,
} from "./svg.ts";

/** A figure that somebody else published, drawn as a line across the last group. */
export interface Reference {
  name: string;
  value: number;
}

/** Bars in groups. */
export interface BarPanel {
  title: string;
  /** names of the groups; the last one is the summary of the others */
  groups: readonly string[];
  /** by descriptor, fractions in the order of the groups */
  bars: Record<string, readonly number[]>;
  references: readonly Reference[];
}

const plot = { height: 230, wideBar: 15, narrowBar: 10 };

/** With more descriptors than this the bars are narrow. */
const fewDescriptors = 4;
const referenceRoom = 132;
const margin = { left: 58, belowHeading: 38, right: 20, bottom: 34 };
const gap = 56;
const rowGap = 76;

/** Bar charts side by side, or below each other in one column, all from 0 to 100 %, as SVG. */
export function barChart(
  title: string,
  panels: readonly BarPanel[],
  columns = panels.length,
): string {
  const names = [
    ...new Set(panels.flatMap(({ bars }) => Object.keys(bars))),
  ];
  const isNarrow = columns === 1;
  let left = margin.left;
  let widest = 0;
  const placed = panels.map((panel, index) => {
    const { svg, width } = drawPanel(panel, isNarrow);
    if (index % columns === 0) left = margin.left;
    const y = Math.floor(index / columns) * (plot.height + rowGap);
    const placed = `<g transform="translate(${left} ${y})">${svg}</g>`;
    widest = Math.max(widest, left + width + margin.right);
    left += width + gap;
    return placed;
  });
  const rows = Math.ceil(panels.length / columns);
  const width = Math.max(widest, isNarrow ? narrowWidth : 480);
  const keys = names.map((name) => ({ name, colour: colourOf(name) }));
  if (panels.some(({ references }) => references.length > 0)) {
    keys.push({
      name: "published, trained on Liberty",
      colour: theme.published,
    });
  }
  const head = heading(margin.left, width - margin.left, { title, keys });
  const top = head.bottom + margin.belowHeading;
  return picture(
    width,
    top + rows * plot.height + (rows - 1) * rowGap + margin.bottom,
    title,
    head.svg,
    `<g transform="translate(0 ${top})">${placed.join("")}</g>`,
  );
}

function drawPanel(
  panel: BarPanel,
  isNarrow: boolean,
): { svg: string; width: number } {
  const { groups, references } = panel;
  const names = Object.keys(panel.bars);
  const barRoom = isNarrow || names.length > fewDescriptors
    ? plot.narrowBar
    : plot.wideBar;
  const groupWidth = Math.max(names.length * barRoom, 30);
  const width = groups.length * (groupWidth + 22) + 10;
  const xScale = scaleBand(groups, [6, width]).paddingInner(
    22 / (groupWidth + 22),
  );
  const yScale = scaleLinear([0, 1], [plot.height, 0]);
  const parts = [label(0, -12, panel.title, { "font-weight": 600 })];
  for (const tick of yScale.ticks(5)) {
    parts.push(
      rule(0, yScale(tick), width, yScale(tick), { stroke: theme.grid }),
      label(-8, yScale(tick) + 4, `${Math.round(100 * tick)} %`, {
        "text-anchor": "end",
        "font-size": 11,
        fill: theme.faint,
      }),
    );
  }
  for (const [at, group] of groups.entries()) {
    const start = xScale(group)!;
    const room = xScale.bandwidth();
    names.forEach((name, index) => {
      const value = panel.bars[name][at];
      const barWidth = room / names.length;
      parts.push(element(
        "rect",
        {
          x: start + index * barWidth + 0.75,
          y: yScale(value),
          width: barWidth - 1.5,
          height: plot.height - yScale(value),
          fill: colourOf(name),
        },
        element(
          "title",
          {},
          `${name}, ${group}: ${(100 * value).toFixed(2)} %`,
        ),
      ));
    });
    parts.push(label(start + room / 2, plot.height + 18, group, {
      "text-anchor": "middle",
      ...(at + 1 === groups.length ? { "font-weight": 600 } : {}),
    }));
  }
  parts.push(
    rule(0, plot.height, width, plot.height, { stroke: theme.axis }),
    drawReferences(references, xScale(groups.at(-1)!)!, width, yScale),
  );
  return {
    svg: parts.join(""),
    width: width + (references.length > 0 ? referenceRoom : 0),
  };
}

function drawReferences(
  references: readonly Reference[],
  from: number,
  to: number,
  yScale: (value: number) => number,
): string {
  const heights = references.map(({ value }) => yScale(value));
  const labels = spreadLabels(heights, 14, plot.height);
  return references.map(({ name, value }, index) => {
    const y = heights[index];
    const stroke = theme.published;
    return rule(from - 4, y, to + 4, y, {
      stroke,
      "stroke-dasharray": "4 2",
      "stroke-width": 1.2,
    }) + rule(to + 4, y, to + 18, labels[index], { stroke }) +
      label(
        to + 22,
        labels[index] + 4,
        `${name} ${(100 * value).toFixed(1)}`,
        { fill: stroke, "font-size": 11 },
      );
  }).join("");
}
