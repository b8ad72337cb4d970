import { dirname } from "@std/path";
import { withFileErrors } from "../file_errors.ts";

/**
 * Writes a whole file or nothing: into a file beside it that then takes its name. Makes the folder if need be.
 *
 * @throws {PipelineError} when the place cannot be written
 */
export function writeTextFile(path: string, text: string): Promise<void> {
  return withFileErrors("write a result", path, async () => {
    const temporary = `${path}.${Deno.pid}.part`;
    await Deno.mkdir(dirname(path), { recursive: true });
    try {
      await Deno.writeTextFile(temporary, text);
      await Deno.rename(temporary, path);
    } catch (error) {
      await Deno.remove(temporary).catch(() => {}); // it may never have been made
      throw error;
    }
  });
}
