import { join } from "@std/path";
import { DataError, fileFault } from "../errors.ts";
import { brokenLink } from "../link_targets.ts";

/** File name endings of archives: of those that can be read, then of those that are found to be told that they cannot. */
const archiveEndings: readonly string[] = [
  ...[".zip", ".tar.gz", ".tgz"],
  ...[
    ".tar",
    ".tar.bz2",
    ".tbz2",
    ".tar.xz",
    ".txz",
    ".tar.zst",
    ".7z",
    ".rar",
  ],
];

/** A published set on this machine. */
export interface LocalSet {
  kind: "folder" | "archive";
  path: string;
}

/** Folder that an archive unpacks into, by the set's name; most are called what the set is called. */
export function folderOf(name: string): string {
  return name === "hpatches" ? "hpatches-release" : name;
}

/** Name that a set's archive is known by: `liberty.zip`. */
export function archiveOf(name: string): string {
  return name === "tasks" ? "tasks.tar.gz" : `${folderOf(name)}.zip`;
}

/**
 * Looks for a published set in a folder: unpacked (`liberty/`) or as an archive (`liberty.zip`, `.tar.gz` or `.tgz`).
 *
 * @param directory "" finds nothing
 * @param name of the set, `liberty`, `hpatches`, `tasks`
 * @throws {DataError} when the folder cannot be read
 */
export function findLocalSet(
  directory: string,
  name: string,
): LocalSet | undefined {
  if (directory === "") return undefined;
  requireFolder(directory);
  const folder = join(directory, folderOf(name));
  const candidates: LocalSet[] = [
    { kind: "folder", path: folder },
    ...archiveEndings.map((ending): LocalSet => ({
      kind: "archive",
      path: folder + ending,
    })),
  ];
  return candidates.find(({ kind, path }) => {
    const entry = statOf(path);
    return kind === "folder" ? entry?.isDirectory : entry?.isFile;
  });
}

function requireFolder(directory: string) {
  let found = "a file";
  try {
    if (Deno.statSync(directory).isDirectory) return;
  } catch (error) {
    found = fileFault(error);
  }
  throw new DataError({
    attempt: "read the data sets",
    where: directory,
    found,
    wanted: "a folder with unpacked sets or archives",
    remedy: "correct download.source_dir",
  });
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (
      error instanceof Deno.errors.NotFound && brokenLink(error) === undefined
    ) return undefined;
    throw new DataError({
      attempt: "read the data sets",
      where: path,
      found: fileFault(error),
      wanted: "a folder or an archive",
      remedy: "mend or remove it",
    });
  }
}
