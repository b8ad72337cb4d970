import { join } from "@std/path";

/**
 * Names of the PhotoTour-style test sets in a stage's outputs: the folders of `test/`, sorted; none when there is no such
 * folder.
 *
 * @param directory outputs of `download` or `extract`
 */
export async function listTestSets(directory: string): Promise<string[]> {
  const sets: string[] = [];
  try {
    for await (const entry of Deno.readDir(join(directory, "test"))) {
      if (entry.isDirectory) sets.push(entry.name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return sets.sort();
}
