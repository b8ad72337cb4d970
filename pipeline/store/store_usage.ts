import { join } from "@std/path";
import { namesIn } from "../files/file_tree.ts";
import { infoOf } from "../files/links.ts";
import type { Store } from "./store.ts";
import {
  quarantined,
  storedObjects,
  storedRecords,
} from "./store_inventory.ts";

/** What the parts of a store take. */
export interface StoreUsage {
  objects: { count: number; sizeBytes: number };
  records: number;
  /** partial work of stages that have not finished */
  scratch: { count: number; sizeBytes: number };
  quarantine: { count: number; sizeBytes: number };
  /** stage → what its results take; a file that two results share counts in both */
  stages: Record<string, { results: number; sizeBytes: number }>;
}

/** Measures a store by its directory entries and records, one at a time. */
export function storeUsage(store: Store): StoreUsage {
  const usage: StoreUsage = {
    objects: { count: 0, sizeBytes: 0 },
    records: 0,
    scratch: { count: 0, sizeBytes: 0 },
    quarantine: { count: 0, sizeBytes: 0 },
    stages: {},
  };
  for (const { sizeBytes } of storedObjects(store)) {
    usage.objects.count++;
    usage.objects.sizeBytes += sizeBytes;
  }
  for (const { record } of storedRecords(store)) {
    usage.records++;
    if (record === undefined) continue;
    const stage = usage.stages[record.facts.stage] ??= {
      results: 0,
      sizeBytes: 0,
    };
    stage.results++;
    for (const { sizeBytes } of record.outputs) stage.sizeBytes += sizeBytes;
  }
  for (const key of namesIn(store.scratchDirectory)) {
    usage.scratch.count++;
    usage.scratch.sizeBytes += folderBytes(join(store.scratchDirectory, key));
  }
  for (const { sizeBytes } of quarantined(store)) {
    usage.quarantine.count++;
    usage.quarantine.sizeBytes += sizeBytes;
  }
  return usage;
}

function folderBytes(folder: string): number {
  let total = 0;
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    const info = infoOf(path);
    if (info === undefined) continue; // the stage has put it away meanwhile
    total += info.isDirectory ? folderBytes(path) : info.size;
  }
  return total;
}
