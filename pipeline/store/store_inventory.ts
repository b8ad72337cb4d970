/**
 * What a store holds, one thing at a time, however much it is. What another process removes meanwhile is left out.
 *
 * @module
 */
import { join } from "@std/path";
import type { ActionRecord } from "./action_record.ts";
import { namesIn } from "../files/file_tree.ts";
import { infoOf, refuseLink } from "../files/links.ts";
import { readHolder } from "./lock.ts";
import { isKey } from "./record_check.ts";
import { readSealedJson } from "../files/sealed_json.ts";
import type { Store } from "./store.ts";

/** A record's file, and what it says; undefined when it is damaged. */
export interface StoredRecord {
  key: string;
  path: string;
  /** when a run last used it, in milliseconds since 1970 */
  usedMs: number;
  record: ActionRecord | undefined;
}

/** A file of the store. */
export interface StoredFile {
  name: string;
  path: string;
  sizeBytes: number;
}

/** Every record, those of one folder after the other. */
export function* storedRecords(store: Store): Generator<StoredRecord> {
  for (const { name, path } of filesOf(join(store.root, "actions"))) {
    const key = name.replace(/\.json$/, "");
    if (!name.endsWith(".json") || !isKey(key)) continue;
    const info = infoOf(path);
    if (info === undefined) continue;
    const usedMs = info.mtime?.getTime() ?? 0;
    yield { key, path, usedMs, record: store.readRecord(key) };
  }
}

/** Every object. */
export function* storedObjects(store: Store): Generator<StoredFile> {
  for (const file of filesOf(store.objects.root)) {
    if (isKey(file.name)) yield file;
  }
}

/** Every file in quarantine. */
export function* quarantined(store: Store): Generator<StoredFile> {
  for (const name of namesIn(store.objects.quarantineDirectory)) {
    if (!/^[0-9a-f]{64}\.\d+$/.test(name)) continue;
    const path = join(store.objects.quarantineDirectory, name);
    const info = infoOf(path);
    if (info !== undefined) yield { name, path, sizeBytes: info.size };
  }
}

/** What a config used last. */
export interface LatestUse {
  config: string;
  key: string;
  /** path of this note */
  path: string;
  /** the config's file; undefined in notes of earlier versions */
  file: string | undefined;
}

/** What every config that ever ran here used last, stage by stage. */
export function* latestUses(store: Store): Generator<LatestUse> {
  const root = join(store.root, "latest");
  for (const config of namesIn(root)) {
    for (const { path } of filesIn(join(root, config))) {
      const { key, file } = readSealedJson(path) ?? {};
      if (typeof key !== "string") continue;
      yield {
        config,
        key,
        path,
        file: typeof file === "string" ? file : undefined,
      };
    }
  }
}

/** How often the note of a running process is read until it says something. */
const mostReads = 50;

/** The configs that processes work on at this moment, and the stage keys that they need. */
export async function worksInProgress(
  store: Store,
): Promise<{ config: string; needs: string[] }[]> {
  const works: { config: string; needs: string[] }[] = [];
  for (const name of namesIn(store.locksDirectory)) {
    if (!name.startsWith("run-") || name.endsWith(".json")) continue;
    const path = join(store.locksDirectory, name);
    let holder = await readHolder(path);
    // A process that has just begun has not told yet what it works on.
    for (let i = 0; i < mostReads && holder?.config === undefined; i++) {
      if (holder === undefined) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
      holder = await readHolder(path);
    }
    if (holder === undefined) continue;
    works.push({
      config: String(holder.config ?? ""),
      needs: (holder.needs ?? []) as string[],
    });
  }
  return works;
}

/** The files of a folder's folders: `ab/…`. */
function* filesOf(root: string): Generator<StoredFile> {
  for (const folder of namesIn(root).sort()) {
    if (/^[0-9a-f]{2}$/.test(folder)) yield* filesIn(join(root, folder));
  }
}

/** @throws {PipelineError} when the folder is a link: what is listed here is removed, or set aside */
function* filesIn(folder: string): Generator<StoredFile> {
  refuseLink("use the store", folder);
  for (const name of namesIn(folder).sort()) {
    const path = join(folder, name);
    const info = infoOf(path);
    if (info?.isFile) yield { name, path, sizeBytes: info.size };
  }
}
