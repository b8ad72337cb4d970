import { type KeyText, keyText, rootKeys } from "./root_keys.ts";
import { sectionNames, sections } from "./sections.ts";

/** A key of a config with all that is said about it. */
export interface ListedKey extends KeyText {
  /** as messages write it, `stage1.lr` */
  path: string;
}

/** Keys that stand together. */
export interface ListedSection {
  /** `[stage1]`; `first` for the keys before the first section */
  title: string;
  meaning: string;
  keys: ListedKey[];
}

/** Every key of a config, in the order of the files. */
export function listSections(): ListedSection[] {
  const first = Object.entries(rootKeys).map(([path, text]) => ({
    path,
    ...text,
  }));
  return [
    { title: "first", meaning: "before any section", keys: first },
    ...sectionNames.map((name) => ({
      title: `[${name}]`,
      meaning: sections[name].meaning,
      keys: Object.entries(sections[name].keys).map(([key, entry]) => ({
        path: `${name}.${key}`,
        ...keyText(entry),
      })),
    })),
  ];
}

/** The page of all keys, docs/config.md. */
export function keyReference(): string {
  const parts = listSections().map(({ title, meaning, keys }) =>
    [
      `## ${title === "first" ? "Before the first section" : `\`${title}\``}`,
      "",
      ...(title === "first" ? [] : [wrapped(`${upperFirst(meaning)}.`), ""]),
      ...table([
        ["key", "default", "may be", "meaning", "authors' flag"],
        ...keys.map((key) => [
          `\`${key.path.split(".").at(-1)}\``,
          key.path === "name" || key.path === "extends"
            ? key.fallback
            : `\`${key.fallback}\``,
          key.wanted,
          key.meaning,
          key.authorsFlag === undefined ? "" : `\`--${key.authorsFlag}\``,
        ]),
      ]),
      "",
    ].join("\n")
  );
  return `${introduction}\n${parts.join("\n")}`;
}

const introduction = `# The keys of a config

Made by \`./run keys --markdown > docs/config.md\` from the table that configs are
checked with. \`./run keys stage1.lr\` tells the same of one key.

A relative path is meant from the folder of the file that it stands in, one
after \`--set\` from where that was typed. \`~\` is refused: only a shell knows it.
`;

function upperFirst(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}

/** Broken into lines of 80 characters, as the formatter does. */
function wrapped(text: string): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) === "" ? word : `${lines.at(-1)} ${word}`;
    if (line.length > 80) lines.push(word);
    else lines[lines.length - 1] = line;
  }
  return lines.join("\n");
}

/** Rows in Markdown, padded as the formatter does; the first is the header. */
function table(rows: string[][]): string[] {
  const cells = rows.map((row) =>
    row.map((cell) => cell.replaceAll("|", "\\|").replaceAll("*", "\\*"))
  );
  const widths = cells[0].map((_, column) =>
    Math.max(...cells.map((row) => row[column].length))
  );
  const line = (row: string[], fill: string) =>
    `| ${
      row.map((cell, column) => cell.padEnd(widths[column], fill)).join(" | ")
    } |`;
  const [header, ...rest] = cells;
  return [
    line(header, " "),
    line(header.map(() => ""), "-"),
    ...rest.map((row) => line(row, " ")),
  ];
}
