/**
 * Writing down where a run's results come from, as a crate that other programs read.
 *
 * @module
 */
import { requireOptions } from "../config/arguments.ts";
import { requireConfig } from "../config/require_config.ts";
import { basename, join } from "@std/path";
import type { Config } from "../config.ts";
import { defaultRunsDirectory } from "../engine/open_planner.ts";
import { writeFileAtomically } from "../files/write_file.ts";
import { stages } from "../graph.ts";
import type { PlaceOptions } from "../reproduce.ts";
import type { ActionRecord } from "../store/action_record.ts";
import { Store } from "../store/store.ts";
import { isPublicDomain } from "./card_facts.ts";
import { type CrateSource, crateText } from "./crate.ts";
import { freshRecords } from "./fresh_records.ts";
import { photographsOfRun } from "./photographs_of_run.ts";

const attempt = "write the crate";

/**
 * Writes `ro-crate-metadata.json` into a config's run folder, which so becomes a Process Run Crate: what ran when, of which version, on
 * which files, with which values, and what came of it. All stages have to be fresh and in the run folder.
 *
 * @returns the file that was written
 * @throws {PipelineError} when a stage is stale, the run folder holds something else, or it cannot be written to
 */
export async function writeCrate(
  config: Config,
  options: PlaceOptions = {},
): Promise<string> {
  requireConfig(config, attempt);
  requireOptions(options, attempt);
  const store = new Store(options.storeDirectory);
  const { runsDirectory = defaultRunsDirectory } = options;
  const path = join(runsDirectory, config.name, "ro-crate-metadata.json");
  const records = await freshRecords(stages, config, store, {
    attempt,
    where: path,
    runsDirectory,
    inRunFolder: true,
  });
  const sources: Record<string, CrateSource[]> = {};
  for (const [stage, record] of records) {
    sources[stage] = await sourcesOf(record, config);
  }
  const text = crateText({
    name: config.name,
    records,
    summaries: Object.fromEntries(
      stages.map(({ name, summary }) => [name, summary]),
    ),
    sources,
    license: isPublicDomain(config)
      ? "https://creativecommons.org/publicdomain/zero/1.0/"
      : undefined,
  });
  await writeFileAtomically(attempt, path, text);
  return path;
}

/** What a stage read from outside; by names, as paths of this machine tell nobody else anything. */
async function sourcesOf(
  record: ActionRecord,
  config: Config,
): Promise<CrateSource[]> {
  const isCut = record.facts.stage === "download" &&
    config.download.source === "photos";
  if (isCut) {
    return (await photographsOfRun(record, config)).map((
      { name, credit, sha256 },
    ) => ({ name, description: credit, sha256 }));
  }
  return record.facts.external.map(({ path, digest }) => ({
    name: basename(path),
    description: "",
    sha256: digest,
  }));
}
