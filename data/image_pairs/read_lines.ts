import { readBytes } from "../read_bytes.ts";
import { textLines } from "../text_lines.ts";

/**
 * The lines of a text file.
 *
 * @param attempt what to call it in an error
 * @param mostBytes larger files are refused unread
 * @throws {DataError} when it cannot be read, or is larger
 */
export async function readLines(
  path: string,
  attempt: string,
  mostBytes: number,
): Promise<Iterable<string>> {
  const bytes = await readBytes(path, {
    attempt,
    mostBytes,
    remedy: "check the path and its permissions",
  });
  return textLines(new TextDecoder().decode(bytes));
}
