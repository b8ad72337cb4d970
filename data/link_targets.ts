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
