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
