import * as v from "valibot";
import { JsonExcess, parseJson } from "../../data/json_text.ts";
import { fileFault } from "../files/file_errors.ts";
import { readRegularFile, WrongKindOfFile } from "../files/regular_file.ts";

/** Makes an error of what was found in a file, and of what a value in it should have been where that is known. */
export type Refuse = (found: string, wanted?: string) => Error;

/**
 * The value of a JSON file.
 *
 * @throws what `refuse` makes of a file that cannot be read or is not JSON
 */
export function readJson(path: string, refuse: Refuse): unknown {
  let text: string;
  try {
    text = new TextDecoder().decode(readRegularFile(path));
  } catch (error) {
    if (error instanceof WrongKindOfFile) throw refuse(error.message);
    throw refuse(
      error instanceof Deno.errors.NotFound ? "no such file" : fileFault(error),
    );
  }
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonExcess) throw refuse(error.message);
    throw refuse(
      text.trim() === "" ? "an empty file" : "text that is not JSON",
    );
  }
}

/**
 * A value of the schema's shape.
 *
 * @throws what `refuse` makes of the first place where it has another
 */
export function checkShape<S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  refuse: Refuse,
): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const place = v.getDotPath(issue);
  const wanted = issue.expected ?? undefined;
  throw place !== null && issue.received === "undefined"
    ? refuse(`no ${place}`)
    : refuse(
      place === null ? issue.received : `${issue.received} at ${place}`,
      wanted,
    );
}
