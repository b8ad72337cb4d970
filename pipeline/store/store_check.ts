/**
 * Reading everything that a store holds.
 *
 * @module
 */
import { basename } from "@std/path";
import { withFileErrors } from "../files/file_errors.ts";
import { removeTree } from "../files/file_tree.ts";
import { sha256File } from "../files/hash.ts";
import type { Log } from "../log.ts";
import type { Store } from "./store.ts";
import { storedObjects, storedRecords } from "./store_inventory.ts";
import { refuseStrangers } from "./store_place.ts";

/** What reading a store found. */
export interface StoreCheck {
  objects: number;
  sizeBytes: number;
  records: number;
  /** digests of objects that held other bytes; they are in quarantine now */
  damagedObjects: string[];
  /** keys of records that were damaged; they are gone now, and count as never computed */
  damagedRecords: string[];
  seconds: number;
}

/** How many files are read at once: one more than hides the waiting for the disk on a machine with two cores. */
const readers = 4;

/** Hashes every object and reads every record; what is damaged is set aside, so that the next run computes it again. */
export function checkStore(
  store: Store,
  { log, signal }: { log: Log; signal: AbortSignal },
): Promise<StoreCheck> {
  return withFileErrors("verify the store", store.root, async () => {
    refuseStrangers(store.root);
    const startMs = performance.now();
    const check: StoreCheck = {
      objects: 0,
      sizeBytes: 0,
      records: 0,
      damagedObjects: [],
      damagedRecords: [],
      seconds: 0,
    };
    const progress = log.progress("verifying", 0, "objects");
    const objects = storedObjects(store);
    const work = async () => {
      for (const { name, path, sizeBytes } of objects) {
        signal.throwIfAborted();
        const isWhole = await holds(path, name);
        if (isWhole === undefined) continue;
        check.objects++;
        check.sizeBytes += sizeBytes;
        if (!isWhole) {
          check.damagedObjects.push(name);
          await store.objects.quarantine(basename(path));
        }
        progress.update(check.objects);
      }
    };
    try {
      await Promise.all(Array.from({ length: readers }, work));
    } finally {
      progress.finish();
    }
    for (const { key, path, record } of storedRecords(store)) {
      check.records++;
      if (record !== undefined) continue;
      using _alone = await store.holdAlone({ log, signal });
      if (store.readRecord(key) !== undefined) continue; // another process has just computed it
      check.damagedRecords.push(key);
      await removeTree(path);
    }
    check.seconds = (performance.now() - startMs) / 1000;
    return check;
  });
}

/** Whether a file has this digest; undefined when another process removed it meanwhile. */
async function holds(
  path: string,
  digest: string,
): Promise<boolean | undefined> {
  try {
    return (await sha256File(path)).digest === digest;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
