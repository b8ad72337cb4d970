import * as v from "valibot";
import { join } from "@std/path";
import { PipelineError } from "../errors.ts";
import { type Findings, findings } from "../evaluation/findings_schema.ts";
import { isFile } from "../files/file_tree.ts";
import {
  type ShownPhotograph,
  shownPhotographs,
} from "./photographs_schema.ts";
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

/** What of a data set's manifest the report repeats; those of older code know nothing of it. */
const toldOfData = v.object({ leaks: v.optional(v.array(v.string()), []) });

/**
 * What a run folder's stages found: what evaluate wrote, and before its warnings those of the data that it was measured on.
 *
 * @throws {PipelineError} as {@linkcode readFindings}
 */
export function readRunFindings(runDirectory: string): Findings {
  const found = readFindings(join(runDirectory, "evaluate"));
  const leaks = readLeaks(join(runDirectory, "download"));
  const warnings = [...leaks, ...found.measures.warnings];
  return { ...found, measures: { ...found.measures, warnings } };
}

/**
 * What the stage download found training to see of the test data, one line each.
 *
 * @param directory its output folder
 * @throws {PipelineError} when its manifest is missing or of another shape
 */
export function readLeaks(directory: string): string[] {
  return readOne(join(directory, "manifest.json"), toldOfData, "download")
    .leaks;
}

/**
 * The photographs that a report shows; none of data of another source, or that older code wrote.
 *
 * @param directory output folder of the stage download
 * @throws {PipelineError} when their file is of another shape
 */
export function readShownPhotographs(directory: string): ShownPhotograph[] {
  const path = join(directory, "photographs", "shown.json");
  return isFile(path) ? readOne(path, shownPhotographs, "download") : [];
}

function readOne<S extends v.GenericSchema>(
  path: string,
  schema: S,
  stage = "evaluate",
): v.InferOutput<S> {
  const refuse = (found: string) =>
    new PipelineError({
      attempt: "report the results",
      where: path,
      found,
      wanted: `what the stage ${stage} writes`,
      remedy: `run ${stage} again`,
    });
  return checkShape(schema, readJson(path, refuse), refuse);
}
