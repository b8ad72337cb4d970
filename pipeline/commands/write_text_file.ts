import { dirname } from "@std/path";
import { withFileErrors } from "../files/file_errors.ts";
import { replaceFile } from "../files/replace_file.ts";

/**
 * Writes a whole file or nothing: into a file beside it that then takes its name. Makes the folder if need be.
 *
 * @throws {PipelineError} when the place cannot be written
 */
export function writeTextFile(path: string, text: string): Promise<void> {
  return withFileErrors("write a result", path, async () => {
    await Deno.mkdir(dirname(path), { recursive: true });
    await replaceFile(path, text);
  });
}
