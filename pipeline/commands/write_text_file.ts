import { PipelineError } from "../errors.ts";

/**
 * Writes a whole file or nothing: into a file beside it that then takes its name.
 *
 * @throws {PipelineError} when the place cannot be written
 */
export async function writeTextFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${Deno.pid}.part`;
  try {
    await Deno.writeTextFile(temporary, text);
    await Deno.rename(temporary, path);
  } catch (cause) {
    await Deno.remove(temporary).catch(() => {}); // it may never have been made
    throw new PipelineError({
      attempt: "write a result",
      where: path,
      found: cause instanceof Error ? cause.message : String(cause),
      wanted: "a place that can be written",
    }, { cause });
  }
}
