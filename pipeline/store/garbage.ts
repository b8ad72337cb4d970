/**
 * Making a store smaller.
 *
 * @module
 */
import { join } from "@std/path";
import { withFileErrors } from "../files/file_errors.ts";
import { removeTree } from "../files/file_tree.ts";
import { keysIn, removeLeftovers } from "./leftovers.ts";
import { tryLockQuietly } from "./lock.ts";
import type { Store } from "./store.ts";
import {
  latestUses,
  quarantined,
  storedObjects,
  storedRecords,
  worksInProgress,
} from "./store_inventory.ts";
import { refuseStrangers } from "./store_place.ts";

/** What to collect. */
export interface CollectOptions {
  /** stage keys that the present configs need: their results and their partial work stay */
  needed: ReadonlySet<string>;
  /** whether a config's file is there: then what it used last stays too */
  isPresent(file: string): boolean;
  /** results that are not needed go, those used longest ago first, until the objects take no more than this */
  maxSizeBytes?: number;
  /** results that are not needed and were not used for this long go */
  maxAgeMs?: number;
  /** now, in milliseconds since 1970 */
  nowMs: number;
  /** only say what would go */
  dryRun: boolean;
  signal: AbortSignal;
}

/** A result that went. */
export interface CollectedResult {
  key: string;
  /** empty when its record was damaged */
  stage: string;
  config: string;
  usedMs: number;
}

/** What went, or would go. */
export interface Collected {
  results: CollectedResult[];
  /** objects that no result names any more */
  objects: number;
  objectBytes: number;
  /** stage keys whose partial work was given up */
  scratch: string[];
  quarantined: number;
  quarantinedBytes: number;
  /** what the objects take that stay */
  keptBytes: number;
  /** what of it the needed results take */
  neededBytes: number;
}

/** A result that may go, or may not. */
interface Candidate extends CollectedResult {
  path: string;
  objects: Map<string, number>;
  isNeeded: boolean;
}

/**
 * Removes results by age and size, then objects that nothing names, quarantined files and partial work that nobody needs.
 *
 * What the present configs need stays, and what they used last; so does what a running process needs. No process stores
 * or restores a result meanwhile: collecting waits for that, and that waits for collecting.
 */
export function collectGarbage(
  store: Store,
  options: CollectOptions,
): Promise<Collected> {
  return withFileErrors("collect garbage", store.root, async () => {
    refuseStrangers(store.root);
    if (!options.dryRun) await removeLeftovers(store);
    using _alone = await store.holdAlone(options);
    const needed = await allNeeded(store, options);
    const candidates = readCandidates(store, needed);
    const { going, kept } = choose(candidates, options);
    const collected: Collected = {
      results: going.map(({ key, stage, config, usedMs }) => ({
        key,
        stage,
        config,
        usedMs,
      })),
      objects: 0,
      objectBytes: 0,
      scratch: [],
      quarantined: 0,
      quarantinedBytes: 0,
      keptBytes: 0,
      neededBytes: sizeOf(kept.filter(({ isNeeded }) => isNeeded)),
    };
    // Records before objects: what is killed in between leaves objects without a record, never the reverse.
    for (const { path } of going) await remove(path, options);
    const named = new Set(kept.flatMap(({ objects }) => [...objects.keys()]));
    for (const { name, path, sizeBytes } of storedObjects(store)) {
      if (named.has(name)) collected.keptBytes += sizeBytes;
      else {
        collected.objects++;
        collected.objectBytes += sizeBytes;
        await remove(path, options);
      }
    }
    for (const { path, sizeBytes } of quarantined(store)) {
      collected.quarantined++;
      collected.quarantinedBytes += sizeBytes;
      await remove(path, options);
    }
    collected.scratch = await collectScratch(store, needed, options);
    return collected;
  });
}

async function remove(
  path: string,
  { dryRun }: CollectOptions,
): Promise<void> {
  if (!dryRun) await removeTree(path);
}

/** The keys that must stay. */
async function allNeeded(
  store: Store,
  { needed, isPresent }: CollectOptions,
): Promise<Set<string>> {
  const works = await worksInProgress(store);
  const all = new Set([...needed, ...works.flatMap(({ needs }) => needs)]);
  const running = new Set(works.map(({ config }) => config));
  for (const { config, key, file } of latestUses(store)) {
    if (running.has(config) || file === undefined || isPresent(file)) {
      all.add(key);
    }
  }
  return all;
}

function readCandidates(
  store: Store,
  needed: ReadonlySet<string>,
): Candidate[] {
  return Array.from(storedRecords(store), ({ key, path, usedMs, record }) => ({
    key,
    path,
    usedMs,
    stage: record?.facts.stage ?? "",
    config: record?.provenance.config ?? "",
    objects: new Map(
      record?.outputs.map(({ digest, sizeBytes }) => [digest, sizeBytes]),
    ),
    isNeeded: record !== undefined && needed.has(key),
  }));
}

/** Damaged records go, then what is too old, then what was used longest ago until the rest is small enough. */
function choose(
  candidates: readonly Candidate[],
  { maxSizeBytes = Infinity, maxAgeMs = Infinity, nowMs }: CollectOptions,
): { going: Candidate[]; kept: Candidate[] } {
  const going: Candidate[] = [];
  const kept: Candidate[] = [];
  const users = new Map<string, number>();
  let total = 0;
  for (const candidate of candidates) {
    const isTooOld = nowMs - candidate.usedMs > maxAgeMs;
    if (!candidate.isNeeded && (candidate.stage === "" || isTooOld)) {
      going.push(candidate);
      continue;
    }
    kept.push(candidate);
    for (const [digest, sizeBytes] of candidate.objects) {
      const before = users.get(digest) ?? 0;
      users.set(digest, before + 1);
      if (before === 0) total += sizeBytes;
    }
  }
  const oldest = kept.filter(({ isNeeded }) => !isNeeded)
    .sort((a, b) => a.usedMs - b.usedMs);
  const surplus = new Set<Candidate>();
  for (const candidate of oldest) {
    if (total <= maxSizeBytes) break;
    surplus.add(candidate);
    for (const [digest, sizeBytes] of candidate.objects) {
      const left = users.get(digest)! - 1;
      users.set(digest, left);
      if (left === 0) total -= sizeBytes;
    }
  }
  return {
    going: [...going, ...surplus],
    kept: kept.filter((candidate) => !surplus.has(candidate)),
  };
}

function sizeOf(candidates: readonly Candidate[]): number {
  const sizes = new Map(candidates.flatMap(({ objects }) => [...objects]));
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

/** Partial work of stages that no config needs and nobody works on. */
async function collectScratch(
  store: Store,
  needed: ReadonlySet<string>,
  options: CollectOptions,
): Promise<string[]> {
  const gone: string[] = [];
  for (const key of keysIn(store.scratchDirectory)) {
    if (needed.has(key)) continue;
    using _free = await tryLockQuietly(store.stageLockPath(key));
    if (_free === undefined) continue;
    gone.push(key);
    await remove(join(store.scratchDirectory, key), options);
  }
  return gone;
}
