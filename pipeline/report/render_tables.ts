import { escapeXml } from "./pictures/svg.ts";
import type { Table } from "./tables.ts";

/** A table in Markdown, numbers right-aligned. */
export function markdownTable({ title, header, rows }: Table): string {
  const line = (cells: string[]) =>
    `| ${
      cells.map((cell) => plainMarkdown(cell).replaceAll("|", "\\|")).join(
        " | ",
      )
    } |`;
  const rule = header.map((_, column) => column === 0 ? "---" : "---:");
  return [
    `**${plainMarkdown(title)}**`,
    "",
    line(header),
    line(rule),
    ...rows.map(line),
  ]
    .join("\n");
}

/** Text without what Markdown would take for HTML: titles hold what a config says of its source. */
export function plainMarkdown(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

/** A table for a terminal: columns padded with blanks, numbers right-aligned. */
export function plainTable({ title, header, rows }: Table): string {
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((cells) => [...cells[column]].length))
  );
  const line = (cells: string[]) =>
    cells.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])
    ).join("  ").trimEnd();
  return [title, ...[header, ...rows].map((cells) => `  ${line(cells)}`)]
    .join("\n");
}

/** A table in LaTeX (package booktabs), numbers right-aligned, with the title as its caption. */
export function latexTable({ title, header, rows }: Table): string {
  const line = (cells: string[]) => `${cells.map(latexText).join(" & ")} \\\\`;
  return [
    "\\begin{table}",
    "\\centering",
    `\\caption{${latexText(title)}}`,
    `\\begin{tabular}{l${"r".repeat(header.length - 1)}}`,
    "\\toprule",
    line(header),
    "\\midrule",
    ...rows.map(line),
    "\\bottomrule",
    "\\end{tabular}",
    "\\end{table}",
  ].join("\n");
}

const latexSigns: Record<string, string> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "±": "$\\pm$",
  "↑": "$\\uparrow$",
  "↓": "$\\downarrow$",
  "–": "--",
};

function latexText(text: string): string {
  return text.replace(
    /[\\~^±↑↓–&%$#_{}]/g,
    (sign) => latexSigns[sign] ?? `\\${sign}`,
  );
}

/** A figure with its interval, which has a line of its own in a page's narrow cells. */
const withInterval = /^(\S+) \((.+ … .+)\)$/;

/** A table in HTML, the best figures of descriptors in bold. */
export function htmlTable({ title, header, rows }: Table): string {
  const best = bestParts(header, rows);
  const cell = (text: string, row: number, column: number) =>
    text.split(" / ").map((part, at) => {
      const [, figure, interval] = withInterval.exec(part) ?? [, part];
      const shown = best.has([row, column, at].join())
        ? `<b>${escapeXml(figure!)}</b>`
        : escapeXml(figure!);
      return interval === undefined
        ? shown
        : `${shown} <span class="interval">${escapeXml(interval)}</span>`;
    }).join(" / ");
  return `<div class="table"><table><caption>${
    escapeXml(title)
  }</caption><thead><tr>${
    header.map((text) => `<th>${escapeXml(text)}</th>`).join("")
  }</tr></thead><tbody>${
    rows.map((cells, row) =>
      `<tr>${
        cells.map((text, column) => `<td>${cell(text, row, column)}</td>`)
          .join("")
      }</tr>`
    ).join("")
  }</tbody></table></div>`;
}

/** Columns in which more is neither better nor worse. */
const settings = ["k", "ratio", "matches"];

/**
 * The best figures of each column among descriptors, as `row,column,part`: a cell may hold two figures, and rows of another pool size
 * are another contest. None is best where all are alike or only one was measured.
 */
function bestParts(header: string[], rows: string[][]): Set<string> {
  const best = new Set<string>();
  if (header[0] !== "descriptor") return best;
  const hasPools = header[1] === "k";
  for (const pool of new Set(rows.map((cells) => hasPools ? cells[1] : ""))) {
    const rivals = rows.flatMap((cells, row) =>
      !hasPools || cells[1] === pool ? [{ cells, row }] : []
    );
    for (let column = 1; column < header.length; column++) {
      if (settings.includes(header[column])) continue;
      const sign = header[column].includes("↓") ? -1 : 1;
      for (const at of [0, 1]) {
        const figures = rivals.flatMap(({ cells, row }) => {
          const figure = Number.parseFloat(cells[column].split(" / ")[at]);
          return Number.isNaN(figure) ? [] : [{ figure: sign * figure, row }];
        });
        const most = Math.max(...figures.map(({ figure }) => figure));
        const winners = figures.filter(({ figure }) => figure === most);
        if (winners.length === figures.length) continue;
        for (const { row } of winners) best.add([row, column, at].join());
      }
    }
  }
  return best;
}
