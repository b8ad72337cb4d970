import { join } from "@std/path";
import { DataError } from "../errors.ts";
import { fetchArchive } from "./fetch_archive.ts";
import type { FetchPolicy } from "./fetch_mirror.ts";
import { archiveOf, findLocalSet, type LocalSet } from "./local_sets.ts";
import type { OnPartProgress } from "../patches/manifest.ts";
import { digestFolder } from "./contents_digest.ts";
import { someOf } from "../by_products.ts";
import { listSetFiles, removeFolder, unpackSet } from "./unpack_set.ts";

/** Where published sets come from and what they have to hold. */
export interface PublishedSetsOptions {
  /** folder that is looked into first, for unpacked sets and archives; never written to; "" = none */
  sourceDirectory: string;
  /** URLs by set, tried in order; see `fetchArchive` */
  mirrors: Readonly<Record<string, readonly string[]>>;
  /** contents digests by set, and what each is called in a message; a set has to have all that are named for it */
  pins: readonly { contents: Readonly<Record<string, string>>; from: string }[];
  /** whether no mirror is asked */
  offline: boolean;
  /** folder that fetched archives are kept in */
  downloadsDirectory: string;
  /** folder that sets are unpacked into for as long as they are used */
  scratchDirectory: string;
  onProgress: OnPartProgress;
  /** told, a line each, what in a copy is no part of its set */
  onNote?(line: string): void;
  signal: AbortSignal;
  policy?: FetchPolicy;
}

/** What is done with an unpacked set; a `DataError` means that it is not what was wanted. */
export type UseSet = (directory: string) => Promise<void>;

/**
 * Makes sure, before any work, that every set is here or has a mirror that may be asked.
 * @throws {DataError} naming all that are missing
 */
export function requireSets(
  sets: readonly string[],
  { sourceDirectory, mirrors, offline, downloadsDirectory }: Pick<
    PublishedSetsOptions,
    "sourceDirectory" | "mirrors" | "offline" | "downloadsDirectory"
  >,
): void {
  const missing = sets.filter((set) => {
    if (findLocalSet(sourceDirectory, set) !== undefined) return false;
    if (isFile(join(downloadsDirectory, archiveOf(set)))) return false;
    const asked = mirrors[set] ?? [];
    return !asked.some((url) => !offline || url.startsWith("file:"));
  });
  if (missing.length === 0) return;
  const places = sourceDirectory === "" ? "" : ` in ${sourceDirectory}`;
  const why = offline
    ? "nothing is fetched (offline)"
    : "[mirrors] names no URL for it";
  throw new DataError({
    attempt: "provide the data sets",
    where: missing.join(", "),
    found: `no copy${places}, and ${why}`,
    remedy: `put ${
      missing.map(archiveOf).join(", ")
    }, or them unpacked, into a folder and name that with --set download.source_dir=FOLDER`,
  });
}

/** The published data sets: on this machine, or fetched, checked and unpacked while they are used. */
export class PublishedSets {
  readonly #options: PublishedSetsOptions;

  constructor(options: PublishedSetsOptions) {
    this.#options = options;
  }

  /**
   * {@linkcode requireSets} of these.
   * @throws {DataError} naming all that are missing
   */
  requireAll(sets: readonly string[]): void {
    requireSets(sets, this.#options);
  }

  /**
   * Finds a set, unpacks it if need be, has it used, and removes what was unpacked.
   *
   * @returns its contents digest
   * @throws {DataError} when no copy that can be had is what was wanted
   */
  async use(set: string, action: UseSet): Promise<string> {
    const { sourceDirectory, mirrors, downloadsDirectory, onProgress } =
      this.#options;
    const local = findLocalSet(sourceDirectory, set);
    if (local !== undefined) return await this.#useFound(set, local, action);
    const fileName = archiveOf(set);
    let digest = "";
    await fetchArchive({
      ...this.#options,
      set,
      fileName,
      mirrors: mirrors[set] ?? [],
      directory: downloadsDirectory,
      accept: async (found) => {
        digest = await this.#useFound(set, found, action);
      },
      onProgress: (host, doneBytes, totalBytes) =>
        onProgress(
          `fetch ${fileName} from ${host}`,
          mebibytes(doneBytes),
          mebibytes(totalBytes),
          "MiB",
        ),
    });
    return digest;
  }

  async #useFound(
    set: string,
    found: LocalSet,
    action: UseSet,
  ): Promise<string> {
    if (found.kind === "folder") {
      const { names, passedOver } = listSetFiles(set, found.path);
      if (passedOver.length > 0) this.#note(set, found.path, passedOver);
      const digest = await digestFolder(found.path, names);
      this.#check(set, digest, found.path);
      await action(found.path);
      return digest;
    }
    const { scratchDirectory, signal, onProgress } = this.#options;
    const directory = join(scratchDirectory, "unpacked", set);
    try {
      const digest = await unpackSet(set, found.path, directory, {
        onFile: (done, total) =>
          onProgress(`unpack ${archiveOf(set)}`, done, total, "files"),
        onPassedOver: (names) => this.#note(set, found.path, names),
        signal,
      });
      this.#check(set, digest, found.path);
      await action(directory);
      return digest;
    } finally {
      await removeFolder(directory);
    }
  }

  #note(set: string, path: string, passedOver: readonly string[]): void {
    this.#options.onNote?.(
      `${set}: passed over ${someOf(passedOver)} of ${path}`,
    );
  }

  #check(set: string, digest: string, where: string): void {
    for (const { contents, from } of this.#options.pins) {
      const wanted = contents[set] ?? "";
      if (wanted === "" || wanted === digest) continue;
      throw new DataError({
        attempt: `accept ${set}`,
        where,
        found: `contents ${digest}`,
        wanted: `${wanted}, as ${from} says`,
        remedy:
          `replace the copy; or, if it is the one you want, change ${from}`,
      });
    }
  }
}

function mebibytes(sizeBytes: number): number {
  return Math.round(sizeBytes / 2 ** 17) / 8;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false; // so it cannot be used as one
  }
}
