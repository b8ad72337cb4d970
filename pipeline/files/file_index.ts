/**
 * Facts about files that were read once and need not be read again while the file is untouched.
 *
 * @module
 */
import { readSealedJson, writeSealedJson } from "./sealed_json.ts";
import type { Json } from "./json.ts";

/** A file younger than this could change again within the clock's resolution: its facts are not kept. */
const settlingTimeMs = 2000;

interface Entry {
  stamp: string;
  fact: Json;
}

/**
 * A map from file to fact, valid while size, modification time, change time and inode stay the same (the change time
 * cannot be set back, so a file that was edited and re-dated is read again).
 */
export class FileIndex<Fact extends Json> {
  readonly #path: string;
  readonly #version: number;
  #entries: Map<string, Entry> | undefined;
  #changed = false;

  /**
   * @param path where the index is kept; a missing or damaged one is an empty one
   * @param version increase it when the same file gives another fact than before
   */
  constructor(path: string, version: number) {
    this.#path = path;
    this.#version = version;
  }

  /** The fact of a file: the known one if the file is untouched, else `read`'s. @throws what `read` throws */
  async get(
    file: string,
    read: (file: string) => Fact | Promise<Fact>,
  ): Promise<Fact> {
    const entries = this.#entries ??= this.#load();
    let stamp: string;
    try {
      stamp = fileStamp(Deno.statSync(file));
    } catch {
      return await read(file); // which says what is wrong, and what it was wanted for
    }
    const known = entries.get(file);
    if (known?.stamp === stamp) return known.fact as Fact;
    const nowMs = Date.now();
    const fact = await read(file);
    const after = Deno.statSync(file);
    const youngestMs = Math.max(
      after.mtime?.getTime() ?? nowMs,
      after.ctime?.getTime() ?? nowMs,
    );
    if (fileStamp(after) === stamp && nowMs - youngestMs > settlingTimeMs) {
      entries.set(file, { stamp, fact });
      this.#changed = true;
    }
    return fact;
  }

  /** Whether there is something to save. */
  get isChanged(): boolean {
    return this.#changed;
  }

  /** Keeps what was learnt. Losing the index costs time only, so a directory that cannot be written is no error. */
  async save(): Promise<void> {
    if (!this.#changed || this.#entries === undefined) return;
    const files: { [file: string]: Json } = {};
    for (const [file, { stamp, fact }] of this.#entries) {
      files[file] = [stamp, fact];
    }
    try {
      await writeSealedJson(this.#path, { version: this.#version, files });
      this.#changed = false;
    } catch {
      // read-only store: the next command reads the files again
    }
  }

  #load(): Map<string, Entry> {
    const content = readSealedJson(this.#path);
    const entries = new Map<string, Entry>();
    if (content?.version !== this.#version) return entries;
    for (
      const [file, entry] of Object.entries(content.files as object)
    ) {
      const [stamp, fact] = entry as [string, Json];
      entries.set(file, { stamp, fact });
    }
    return entries;
  }
}

/** Identity of a file's present state, without its content. */
export function fileStamp(info: Deno.FileInfo): string {
  return [
    info.size,
    info.mtime?.getTime() ?? 0,
    info.ctime?.getTime() ?? 0,
    info.ino ?? 0,
  ].join(" ");
}
