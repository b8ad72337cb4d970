/**
 * What processes left behind that were killed, or given up.
 *
 * @module
 */
import { join } from "@std/path";
import { acquireMoment, tryLockQuietly } from "./lock.ts";
import { namesIn, removeTree } from "./file_tree.ts";
import type { Store } from "./store.ts";

/**
 * How many stages that were begun and given up keep their checkpoints, so that going back to one of them resumes: each
 * takes some tens of megabytes.
 */
export const mostAbandonedScratches = 8;

/**
 * Removes unfinished outputs, half-written records, notes of dead processes, scratch of work that is done, and all but the newest
 * {@linkcode mostAbandonedScratches} of the scratch folders that nobody works in. What a living process holds stays.
 */
export async function removeLeftovers(store: Store): Promise<void> {
  for (const key of namesIn(store.workDirectory)) {
    using _free = await tryLockQuietly(store.stageLockPath(key));
    if (_free === undefined) continue;
    await removeTree(join(store.workDirectory, key));
  }
  for (const name of namesIn(store.locksDirectory)) {
    if (name.endsWith(".holder.json")) continue;
    // Taking and giving back a lock removes its files.
    using _free = await tryLockQuietly(join(store.locksDirectory, name));
  }
  await removeScratch(store, namesIn(store.scratchDirectory));
  await removePartials(store);
}

/** Scratch folders, those last written to first. */
export function scratchByAge(
  store: Store,
): { key: string; path: string; modifiedMs: number }[] {
  return namesIn(store.scratchDirectory).map((key) => {
    const path = join(store.scratchDirectory, key);
    return { key, path, modifiedMs: newestMs(path) };
  }).sort((a, b) => b.modifiedMs - a.modifiedMs);
}

async function removeScratch(
  store: Store,
  keys: readonly string[],
): Promise<void> {
  const done = keys.filter((key) => store.readRecord(key) !== undefined);
  const abandoned = scratchByAge(store).map(({ key }) => key)
    .filter((key) => !done.includes(key));
  const surplus = abandoned.slice(mostAbandonedScratches);
  for (const key of [...done, ...surplus]) {
    using _free = await tryLockQuietly(store.stageLockPath(key));
    if (_free === undefined) continue;
    await removeTree(join(store.scratchDirectory, key));
  }
}

/** Processes write to these folders with the store's lock shared, so nobody is writing while it is held alone. */
async function removePartials(store: Store): Promise<void> {
  using _alone = await acquireMoment(store.lockPath, true);
  if (_alone === undefined) return;
  const folders = ["", "index", "runs"].concat(
    ...["actions", "latest"].map((folder) =>
      namesIn(join(store.root, folder)).map((name) => join(folder, name))
    ),
  );
  for (const folder of folders) {
    for (const name of namesIn(join(store.root, folder))) {
      if (!name.endsWith(".partial")) continue;
      await removeTree(join(store.root, folder, name));
    }
  }
}

/** When something in a folder was last written to. */
function newestMs(folder: string): number {
  let newest = Deno.statSync(folder).mtime?.getTime() ?? 0;
  for (const name of namesIn(folder)) {
    const modified = Deno.lstatSync(join(folder, name)).mtime?.getTime() ?? 0;
    newest = Math.max(newest, modified);
  }
  return newest;
}
