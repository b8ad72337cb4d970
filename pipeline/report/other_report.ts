import { join } from "@std/path";
import * as v from "valibot";
import { withFileErrors } from "../files/file_errors.ts";
import { isAbsent, namesIn } from "../files/file_tree.ts";
import { readJsonFile } from "../files/regular_file.ts";
import { runResults } from "./results_schema.ts";

const stagesOfRun = v.pick(runResults, ["stages"]);

/**
 * Removes the report of a run folder when it tells of another result of a stage than the one that is about to lie there: figures
 * of an old model must not stand beside a new one. Writing it again takes seconds once `evaluate` is fresh.
 *
 * @param key the stage key of the result
 * @throws {PipelineError} when a file cannot be removed
 */
export async function removeOtherReport(
  runDirectory: string,
  stage: string,
  key: string,
): Promise<void> {
  const reported = keysOf(join(runDirectory, "results.json"));
  // A stage that the report does not name had no part in its figures.
  if (reported === undefined || reported[stage] === undefined) return;
  if (reported[stage].key === key) return;
  await withFileErrors("remove old results", runDirectory, async () => {
    const pictures = namesIn(join(runDirectory, "figures"))
      .filter((name) => name.endsWith(".svg"))
      .map((name) => join("figures", name));
    // Last the file that tells whose they are: what a killed process leaves is found again.
    const names = [...pictures, "results.md", "report.html", "results.json"];
    for (const name of names) await remove(join(runDirectory, name));
  });
}

async function remove(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}

/** The stages that a report names; undefined where there is none. */
function keysOf(path: string) {
  try {
    return v.parse(stagesOfRun, readJsonFile(path)).stages;
  } catch {
    return undefined; // nothing, or nothing of ours
  }
}
