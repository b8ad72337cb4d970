import type { ArchiveEntry, ArchiveLimits } from "./archive.ts";
import { DataError } from "../errors.ts";

/** What kind of thing an entry is. */
export type EntryKind = "file" | "folder" | "link" | "device" | "sparse file";

/** What to do about an archive that is sound and holds what is not unpacked. */
export const packAgain = "pack it again without that";

/** The error that refuses an archive. */
export function refusal(
  where: string,
  found: string,
  wanted: string,
  remedy = "fetch it again or from elsewhere",
): DataError {
  return new DataError({
    attempt: "read the archive",
    where,
    found,
    wanted,
    remedy,
  });
}

/** `entry "name"`, shortened. */
export function label(name: string): string {
  const shown = name.length <= 100 ? name : `${name.slice(0, 99)}…`;
  return `entry ${JSON.stringify(shown)}`;
}

/** Bytes that an archive of this size may unpack to. */
export function mostUnpackedBytes(
  limits: ArchiveLimits,
  archiveBytes: number,
): number {
  return Math.min(
    limits.totalBytes,
    limits.freeBytes + limits.ratio * archiveBytes,
  );
}

/**
 * Checks entry after entry of one archive: names, kinds, and what they add up to.
 */
export class EntryChecker {
  readonly #where: string;
  readonly #limits: ArchiveLimits;
  readonly #mostBytes: number;
  readonly #files: ArchiveEntry[] = [];
  /** lower-case path → what it is called and whether it is a folder */
  readonly #taken = new Map<string, { name: string; folder: boolean }>();
  #count = 0;
  #totalBytes = 0;

  constructor(where: string, limits: ArchiveLimits, archiveBytes: number) {
    this.#where = where;
    this.#limits = limits;
    this.#mostBytes = mostUnpackedBytes(limits, archiveBytes);
  }

  /** The regular files that were added. */
  get files(): readonly ArchiveEntry[] {
    return this.#files;
  }

  /** @throws {DataError} when the entry is refused */
  add(name: string, kind: EntryKind, sizeBytes: number): void {
    if (++this.#count > this.#limits.entries) {
      throw refusal(
        this.#where,
        `more than ${this.#limits.entries} entries`,
        "no more than that",
      );
    }
    if (kind !== "file" && kind !== "folder") {
      throw refusal(
        this.#where,
        `${label(name)}, a ${kind}`,
        "files and folders",
        packAgain,
      );
    }
    const path = kind === "folder" ? name.replace(/\/$/, "") : name;
    this.#checkPath(name, path);
    this.#checkUnique(name, path, kind === "folder");
    if (kind === "folder") return;
    this.#totalBytes += sizeBytes;
    if (!(this.#totalBytes <= this.#mostBytes)) {
      throw refusal(
        this.#where,
        `${label(name)} at which it unpacks to ${this.#totalBytes} bytes`,
        `at most ${this.#mostBytes} bytes from an archive of this size`,
      );
    }
    this.#files.push({ name, sizeBytes });
  }

  #checkPath(name: string, path: string) {
    const parts = path.split("/");
    const fault = /^(\/|[a-z]:)/i.test(path)
      ? "an absolute path"
      : path.includes("\\") || /\p{Cc}/u.test(path)
      ? "a path with a backslash or control character"
      : parts.includes("..")
      ? "a path that leads outside"
      : parts.some((part) => part === "" || part === ".")
      ? "a path with an empty part"
      : path.length > 1024
      ? "a path of more than 1024 characters"
      : undefined;
    if (fault === undefined) return;
    throw refusal(
      this.#where,
      `${label(name)}, ${fault}`,
      "paths inside it",
      packAgain,
    );
  }

  /** Case is ignored, because some file systems do; a file in place of a folder counts as the same name. */
  #checkUnique(name: string, path: string, folder: boolean) {
    const parts = path.normalize("NFC").toLowerCase().split("/");
    for (let length = 1; length <= parts.length; length++) {
      const key = parts.slice(0, length).join("/");
      const isFolder = folder || length < parts.length;
      const before = this.#taken.get(key);
      if (before !== undefined && !(before.folder && isFolder)) {
        throw refusal(
          this.#where,
          before.name === name
            ? `${label(name)} twice`
            : `${label(name)} beside ${label(before.name)}`,
          "every name once, whatever its case",
          packAgain,
        );
      }
      if (before === undefined) {
        this.#taken.set(key, { name, folder: isFolder });
      }
    }
  }
}
