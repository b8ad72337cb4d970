/**
 * What processes left behind that were killed, or given up.
 *
 * @module
 */
import { join } from "@std/path";
import { tryLockQuietly } from "./lock.ts";
import { namesIn, removeTree } from "../files/file_tree.ts";
import { infoOf, refuseLink } from "../files/links.ts";
import { isKey } from "./record_check.ts";
import type { Store } from "./store.ts";

/** How much the partial work of stages may take that were begun and given up: going back to one of them resumes. */
export const mostAbandonedBytes = 4 * 2 ** 30;

/** Names of locks: of stages, run folders and GPUs. */
const lockPattern =
  /^(stage-[0-9a-f]{64}|run-[0-9a-f]{16}|gpu-.+(?<!\.holder\.json))$/;

/** Names that `temporaryPath` gives. */
const partialPattern = /\.\d+-[0-9a-z]+-\d+\.partial$/;

/** Nobody takes as long to write a file of some kilobytes. */
const longWriteMs = 3_600_000;

/** The folders of a folder that are named after stage keys; whatever else is there is none of this program's. */
export function keysIn(folder: string): string[] {
  return namesIn(folder).filter((name) =>
    isKey(name) && infoOf(join(folder, name))?.isDirectory === true
  );
}

/**
 * Removes unfinished outputs, half-written records, notes of dead processes and scratch of work that is done. What a
 * living process holds stays.
 */
export async function removeLeftovers(store: Store): Promise<void> {
  for (const key of keysIn(store.workDirectory)) {
    using _free = await tryLockQuietly(store.stageLockPath(key));
    if (_free === undefined) continue;
    await removeTree(join(store.workDirectory, key));
  }
  for (const name of namesIn(store.locksDirectory)) {
    if (!lockPattern.test(name)) continue;
    // Taking and giving back a lock removes its files.
    using _free = await tryLockQuietly(join(store.locksDirectory, name));
  }
  const done = keysIn(store.scratchDirectory)
    .filter((key) => store.readRecord(key) !== undefined);
  await removeScratch(store, done);
  await removePartials(store);
}

/**
 * Gives up the partial work that was touched longest ago, until the rest takes no more than `mostBytes`. Call it after a
 * run, so that what the run goes on with is never given up before.
 */
export async function boundScratch(
  store: Store,
  mostBytes = mostAbandonedBytes,
): Promise<void> {
  let total = 0;
  const surplus: string[] = [];
  for (const { key, sizeBytes } of scratchByAge(store)) {
    total += sizeBytes;
    if (total > mostBytes) surplus.push(key);
  }
  await removeScratch(store, surplus);
}

/** Scratch folders, those last written to first. */
function scratchByAge(
  store: Store,
): { key: string; sizeBytes: number; modifiedMs: number }[] {
  return keysIn(store.scratchDirectory).map((key) => ({
    key,
    ...measure(join(store.scratchDirectory, key)),
  })).sort((a, b) => b.modifiedMs - a.modifiedMs);
}

async function removeScratch(
  store: Store,
  keys: readonly string[],
): Promise<void> {
  for (const key of keys) {
    using _free = await tryLockQuietly(store.stageLockPath(key));
    if (_free === undefined) continue;
    await removeTree(join(store.scratchDirectory, key));
  }
}

/** Every process writes to these folders with the store's lock shared, so nobody is writing while it is held alone. */
async function removePartials(store: Store): Promise<void> {
  using _alone = await store.holdAlone();
  if (_alone === undefined) return;
  const folders = ["", "index", "runs"].concat(
    ...["actions", "latest"].map((folder) =>
      namesIn(join(store.root, folder)).map((name) => join(folder, name))
    ),
  );
  for (const folder of folders) {
    if (folder !== "") refuseLink("use the store", join(store.root, folder));
    for (const name of namesIn(join(store.root, folder))) {
      if (!partialPattern.test(name)) continue;
      await removeTree(join(store.root, folder, name));
    }
  }
  await removeOldPartials(store.tilesDirectory);
}

/** In a folder that is written to without a lock. */
async function removeOldPartials(folder: string): Promise<void> {
  refuseLink("use the store", folder);
  for (const name of namesIn(folder)) {
    if (!partialPattern.test(name)) continue;
    const path = join(folder, name);
    const writtenMs = infoOf(path)?.mtime?.getTime() ?? 0;
    if (Date.now() - writtenMs > longWriteMs) await removeTree(path);
  }
}

/** What the files below a folder take, and when something in it was last written to. */
function measure(folder: string): { sizeBytes: number; modifiedMs: number } {
  let sizeBytes = 0;
  let modifiedMs = infoOf(folder)?.mtime?.getTime() ?? 0;
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    const info = infoOf(path);
    if (info === undefined) continue;
    const part = info.isDirectory
      ? measure(path)
      : { sizeBytes: info.size, modifiedMs: info.mtime?.getTime() ?? 0 };
    sizeBytes += part.sizeBytes;
    modifiedMs = Math.max(modifiedMs, part.modifiedMs);
  }
  return { sizeBytes, modifiedMs };
}
