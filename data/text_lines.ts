/**
 * The lines of a text, however it was saved: a byte order mark, CRLF or CR at the ends, blanks behind a line and blank lines at the end
 * count for nothing. One after the other: a list of a hundred million empty ones would take gigabytes.
 */
export function* textLines(text: string): Generator<string, void> {
  let blank = 0;
  let start = text.startsWith("\uFEFF") ? 1 : 0;
  while (start < text.length) {
    const end = endOfLine(text, start);
    const line = text.slice(start, end).trimEnd();
    if (line === "") blank++;
    else {
      for (; blank > 0; blank--) yield "";
      yield line;
    }
    const isPair = text[end] === "\r" && text[end + 1] === "\n";
    start = end + (isPair ? 2 : 1);
  }
}

/** How many lines {@linkcode textLines} gives. */
export function countLines(text: string): number {
  let count = 0;
  for (const _ of textLines(text)) count++;
  return count;
}

function endOfLine(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 10 || code === 13) return at;
  }
  return text.length;
}
