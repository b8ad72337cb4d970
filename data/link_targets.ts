/** Whether a path leads to a folder, over links too; a link that leads nowhere, or in a circle, does not. */
export function leadsToFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (
      error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.FilesystemLoop
    ) return false;
    throw error;
  }
}

/**
 * What a link that leads nowhere is called in an error, since "no such file" would be said of a name that a listing shows.
 *
 * @param error of the file system, which names the path
 * @returns `a link to /disk/liberty, where nothing is`; undefined when the path is no link
 */
export function brokenLink(error: unknown): string | undefined {
  if (!(error instanceof Deno.errors.NotFound)) return undefined;
  // Deno ends its messages with the call and the path.
  const path = /: \w+ '([^']*)'$/.exec(error.message)?.[1];
  if (path === undefined) return undefined;
  try {
    return `a link to ${Deno.readLinkSync(path)}, where nothing is`;
  } catch {
    return undefined; // no link, or none that may be read
  }
}
