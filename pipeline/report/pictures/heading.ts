import { element, label, theme } from "./svg.ts";

/** A colour and what has it. */
export interface Key {
  name: string;
  colour: string;
}

/** What stands above a chart. */
export interface HeadingOptions {
  title: string;
  /** a line in small below the title */
  note?: string;
  keys?: readonly Key[];
}

/** Text sizes in pixels. */
const sizes = { title: 15, note: 12, key: 12 };
const lineHeight = 20;
const keyHeight = 18;

/**
 * Title, note and colour keys of a chart, broken into lines that fit.
 *
 * @param x where lines start
 * @param width of a line
 * @returns elements, and the height of the last line's foot
 */
export function heading(
  x: number,
  width: number,
  { title, note, keys = [] }: HeadingOptions,
): { svg: string; bottom: number } {
  const parts: string[] = [];
  let bottom = 6;
  for (const line of brokenLines(title, sizes.title, width)) {
    bottom += lineHeight;
    parts.push(
      label(x, bottom, line, { "font-size": sizes.title, "font-weight": 600 }),
    );
  }
  if (note !== undefined) {
    for (const line of brokenLines(note, sizes.note, width)) {
      bottom += lineHeight;
      parts.push(label(x, bottom, line, { fill: theme.faint }));
    }
  }
  let at = width;
  for (const { name, colour } of keys) {
    const room = 20 + textWidth(name, sizes.key);
    if (at + room > width) {
      bottom += at === width ? 24 : keyHeight;
      at = 0;
    }
    parts.push(
      element("rect", {
        x: x + at,
        y: bottom - 9,
        width: 14,
        height: 10,
        rx: 2,
        fill: colour,
      }),
      label(x + at + 20, bottom, name),
    );
    at += room + 22;
  }
  return { svg: parts.join(""), bottom };
}

/** Width of a text, about: pictures are laid out without measuring. */
function textWidth(text: string, size: number): number {
  return [...text].length * size * 0.56;
}

function brokenLines(text: string, size: number, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && textWidth(longer, size) <= width) {
      lines[lines.length - 1] = longer;
    } else lines.push(word);
  }
  return lines;
}
