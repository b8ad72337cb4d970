/** Names of kinds of files, each with what such files begin with: a Latin letter is a byte, "?" any byte; no address stands in them, because the page holds these tables and may name no host. */
export type FileStarts = readonly (readonly [
  name: string,
  ...starts: string[],
])[];

/** The longest beginning that a table may hold, in bytes. */
export const mostStartBytes = 512;

/** The first kind that a file begins as; undefined where none does. */
export function kindByStart(
  bytes: Uint8Array,
  kinds: FileStarts,
): string | undefined {
  return kinds.find(([, ...starts]) =>
    starts.some((start) => beginsAs(bytes, start))
  )?.[0];
}

/** Whether a file is a page or picture of markup: HTML, SVG or other XML, after a byte order mark or blanks. */
export function isMarkup(bytes: Uint8Array): boolean {
  const start = new TextDecoder().decode(bytes.subarray(0, 64));
  return /^\s*<(\?xml|svg|!doctype|html)/i.test(start);
}

function beginsAs(bytes: Uint8Array, start: string): boolean {
  if (bytes.length < start.length) return false;
  for (let at = 0; at < start.length; at++) {
    const isAny = start[at] === "?";
    if (!isAny && bytes[at] !== start.charCodeAt(at)) return false;
  }
  return true;
}
