/**
 * Writing lock files.
 *
 * @module
 */
import { requireOptions } from "../config/arguments.ts";
import type { Config } from "../config.ts";
import { requireConfig } from "../config/require_config.ts";
import { PipelineError } from "../errors.ts";
import { withFileErrors } from "../files/file_errors.ts";
import { isAbsent } from "../files/file_tree.ts";
import { readRegularFile, WrongKindOfFile } from "../files/regular_file.ts";
import { stages } from "../graph.ts";
import { lockFilePath, pinsText } from "../engine/lock_file.ts";
import { pinsOf } from "../engine/pinned_results.ts";
import { freshRecords } from "./fresh_records.ts";
import type { PlaceOptions } from "../reproduce.ts";
import { writeFileAtomically } from "../files/write_file.ts";
import type { Stage } from "../stage.ts";
import { Store } from "../store/store.ts";

/** A lock file that was written. */
export interface LockOutcome {
  /** where it is: beside the config */
  path: string;
  /** whether it says something else than before */
  changed: boolean;
}

/**
 * Writes a config's lock file from its stored results, all of which have to be fresh: it is a statement about the code and
 * the data as they are.
 *
 * @throws {PipelineError} when a stage is stale, or the file cannot be written
 */
export async function lockResults(
  config: Config,
  options: PlaceOptions = {},
): Promise<LockOutcome> {
  requireConfig(config, "lock results");
  requireOptions(options, "lock results");
  return await lockStages(stages, config, options);
}

/** {@linkcode lockResults} for any pipeline. */
export async function lockStages(
  stages: readonly Stage[],
  config: Config,
  options: PlaceOptions = {},
): Promise<LockOutcome> {
  const store = new Store(options.storeDirectory);
  const path = lockFilePath(config.file);
  const attempt = "write the lock file";
  const { runsDirectory } = options;
  const wanted = { attempt, where: path, runsDirectory };
  const records = await freshRecords(stages, config, store, wanted);
  const text = pinsText(await pinsOf(records.values(), store));
  const known = await withFileErrors(
    attempt,
    path,
    () => textOf(attempt, path),
  );
  const changed = known !== text;
  if (changed) await writeFileAtomically(attempt, path, text);
  return { path, changed };
}

function textOf(attempt: string, path: string): string | undefined {
  try {
    return new TextDecoder().decode(readRegularFile(path));
  } catch (error) {
    if (isAbsent(error)) return undefined;
    if (!(error instanceof WrongKindOfFile)) throw error;
    const wanted = "a file that it wrote before, or none";
    throw new PipelineError({
      attempt,
      where: path,
      found: error.message,
      wanted,
    });
  }
}
