import { readBytes } from "../read_bytes.ts";
import { textLines } from "../text_lines.ts";

/**
 * The lines of a text file.
 *
 * @param attempt what to call it in an error
 * @throws {DataError} when it cannot be read
 */
export async function readLines(
  path: string,
  attempt: string,
): Promise<string[]> {
  const bytes = await readBytes(path, {
    attempt,
    remedy: "check the path and its permissions",
  });
  return textLines(new TextDecoder().decode(bytes));
}
