import type * as v from "valibot";
import { join } from "@std/path";
import { PipelineError } from "../errors.ts";
import { type Findings, findings } from "../evaluation/findings_schema.ts";
import { checkShape, readJson } from "./read_json.ts";

/**
 * Reads what the stage evaluate wrote.
 *
 * @param directory its output folder
 * @throws {PipelineError} when a file is missing, or of another shape: results of other code that were accepted
 */
export function readFindings(directory: string): Findings {
  const found: [string, unknown][] = [];
  for (const [name, schema] of Object.entries(findings.entries)) {
    const path = join(directory, `${name}.json`);
    found.push([name, readOne(path, schema)]);
  }
  return Object.fromEntries(found) as unknown as Findings; // each by its own schema
}

function readOne(
  path: string,
  schema: v.GenericSchema,
): unknown {
  const refuse = (found: string) =>
    new PipelineError({
      attempt: "report the results",
      where: path,
      found,
      wanted: "what the stage evaluate writes",
      remedy: "run evaluate again",
    });
  return checkShape(schema, readJson(path, refuse), refuse);
}
