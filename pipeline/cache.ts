/**
 * What to do with a store besides running pipelines on it: list it, measure it, verify it, make it smaller.
 *
 * @module
 */
import { join } from "@std/path";
import type { ActionRecord } from "./store/action_record.ts";
import { loadConfig } from "./config.ts";
import { isUserError, PipelineError } from "./errors.ts";
import { isFile, namesIn } from "./files/file_tree.ts";
import { type Collected, collectGarbage } from "./store/garbage.ts";
import type { Log } from "./log.ts";
import { type PlaceOptions, plan } from "./reproduce.ts";
import { Store } from "./store/store.ts";
import { checkStore, type StoreCheck } from "./store/store_check.ts";
import { latestUses, storedRecords } from "./store/store_inventory.ts";
import { type StoreUsage, storeUsage } from "./store/store_usage.ts";

/** A stored result in a list. */
export interface ListedResult {
  key: string;
  stage: string;
  /** the config that computed it */
  config: string;
  sizeBytes: number;
  files: number;
  usedMs: number;
  startedAt: string;
  seconds: number;
}

/** Every stored result, those used last first. */
export function listResults(options: PlaceOptions = {}): ListedResult[] {
  const listed: ListedResult[] = [];
  for (const { key, usedMs, record } of storedRecords(storeOf(options))) {
    if (record === undefined) continue;
    const { facts, outputs, provenance } = record;
    listed.push({
      key,
      stage: facts.stage,
      config: provenance.config,
      sizeBytes: outputs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      files: outputs.length,
      usedMs,
      startedAt: provenance.startedAt,
      seconds: provenance.wallTimeSeconds,
    });
  }
  return listed.sort((a, b) => b.usedMs - a.usedMs);
}

/**
 * The record of the one result whose key begins with `prefix`.
 *
 * @throws {PipelineError} when there is none, or more than one
 */
export function showResult(
  prefix: string,
  options: PlaceOptions = {},
): ActionRecord {
  const store = storeOf(options);
  const found: ActionRecord[] = [];
  for (const { key, record } of storedRecords(store)) {
    if (key.startsWith(prefix) && record !== undefined) found.push(record);
  }
  if (found.length === 1) return found[0];
  throw new PipelineError({
    attempt: "show a stored result",
    where: store.root,
    found: `${found.length} results whose key begins with ${
      JSON.stringify(prefix)
    }`,
    wanted: "one",
    remedy: found.length === 0
      ? "`./run cache ls` lists the keys"
      : "type more of the key",
  });
}

/** What the parts of the store take. */
export function usageOf(options: PlaceOptions = {}): StoreUsage {
  return storeUsage(storeOf(options));
}

/** Reads everything; what is damaged is set aside. */
export function verifyAll(
  options: PlaceOptions & { log: Log; signal: AbortSignal },
): Promise<StoreCheck> {
  return checkStore(storeOf(options), options);
}

/** What to make room for. */
export interface CollectRequest extends PlaceOptions {
  maxSizeBytes?: number;
  maxAgeMs?: number;
  dryRun: boolean;
  log: Log;
  signal: AbortSignal;
}

/**
 * Removes what nobody needs; see `garbage.ts`. The present configs are those below `configs/` in the working directory, and every
 * config that ever used this store and is still where it was.
 */
export async function collect(request: CollectRequest): Promise<Collected> {
  const store = storeOf(request);
  const { log } = request;
  const files = new Set(configFiles("configs"));
  for (const { file } of latestUses(store)) {
    if (file !== undefined && isFile(file)) files.add(file);
  }
  const needed = new Set<string>();
  for (const file of files) {
    try {
      const { stages } = await plan(await loadConfig(file), request);
      for (const { key } of stages) if (key !== null) needed.add(key);
    } catch (error) {
      if (!isUserError(error)) throw error;
      const used = [...latestUses(store)].some((use) => use.file === file);
      // A config that never ran here has nothing to lose.
      if (used) {
        log.warn(`what ${file} used last is kept; ${error.message}`);
      }
    }
  }
  return await collectGarbage(store, {
    ...request,
    needed,
    isPresent: isFile,
    nowMs: Date.now(),
  });
}

/** @throws {PipelineError} when there is no store */
function storeOf({ storeDirectory }: PlaceOptions): Store {
  const store = new Store(storeDirectory);
  if (store.exists()) return store;
  throw new PipelineError({
    attempt: "use the store",
    where: store.root,
    found: "no store",
    remedy:
      "go to the folder where `./run reproduce` was typed; it makes the store there",
  });
}

/** Every `.toml` file below a folder. */
function configFiles(folder: string): string[] {
  return namesIn(folder).flatMap((name) => {
    const path = join(folder, name);
    if (name.endsWith(".toml")) return [Deno.realPathSync(path)];
    return Deno.statSync(path).isDirectory ? configFiles(path) : [];
  });
}
