/** Files that systems and editors leave everywhere, by the last part of their path. */
const leftovers =
  /^(__MACOSX|Icon\r|(eh)?Thumbs\.db|desktop\.ini|~\$.*|.*~|#.*#|@eaDir|#recycle|\$RECYCLE\.BIN|System Volume Information|lost\+found)$/i;

/**
 * Whether a path is none of a set's files but a by-product of the system that it was packed or kept on: AppleDouble companions
 * (`._a.png`), dot files, `__MACOSX/`, icons, previews and bins, editors' locks and copies. They are passed over wherever files are listed.
 *
 * @param path `/`-separated
 */
export function isByProduct(path: string): boolean {
  return path.split("/").some((part) =>
    (/^\.[^\\]+$/.test(part) && part !== "..") ||
    leftovers.test(part)
  );
}

/** The first names of a list, and how many more there are, for a message. */
export function someOf(names: readonly string[]): string {
  const more = names.length - 3;
  return names.slice(0, 3).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
