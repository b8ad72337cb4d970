/**
 * The lines of a text, however it was saved: a byte order mark, CRLF or CR at the ends, blanks behind a line and blank lines at the end
 * count for nothing.
 */
export function textLines(text: string): string[] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n?|\n/)
    .map((line) => line.trimEnd());
  while (lines.length > 0 && lines[lines.length - 1] === "") lines.pop();
  return lines;
}
