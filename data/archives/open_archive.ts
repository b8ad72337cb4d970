import { DataError, fileFault } from "../errors.ts";
import {
  type FileStarts,
  isMarkup,
  kindByStart,
  mostStartBytes,
} from "../file_starts.ts";
import { type Archive, type ArchiveLimits, usualLimits } from "./archive.ts";
import { refusal } from "./archive_checks.ts";
import { RandomAccessFile } from "./random_access_file.ts";
import { openTarGz } from "./tar_archive.ts";
import { openZip } from "./zip_archive.ts";

/** Archives and compressed files that are not read. */
const otherKinds: FileStarts = [
  ["a bzip2 file", "BZh"],
  ["an xz file", "\xfd7zXZ"],
  ["a zstd file", "\x28\xb5\x2f\xfd"],
  ["an lzip file", "LZIP"],
  ["a file of compress (.Z)", "\x1f\x9d"],
  ["a 7z archive", "7z\xbc\xaf"],
  ["a RAR archive", "Rar!"],
  ["a tar that gzip has not compressed", `${"?".repeat(257)}ustar`],
];

/** What comes in place of an archive that may be had all the same. */
const replacements: FileStarts = [
  ["a pointer of Git LFS", "version ????????git-lfs"],
];

/**
 * Makes sure that a file can be an archive that is read, as far as its first bytes tell.
 * @throws {DataError} naming what it is instead
 */
export function requireArchive(path: string): void {
  using file = openFile(path);
  requireArchiveStart(file, path);
}

function requireArchiveStart(file: RandomAccessFile, where: string): void {
  const bytes = file.readAt(0, Math.min(mostStartBytes, file.sizeBytes));
  const replacement = isMarkup(bytes)
    ? "a page in HTML or XML"
    : kindByStart(bytes, replacements);
  if (replacement !== undefined) {
    throw refusal(where, replacement, "a zip or tar.gz");
  }
  const kind = kindByStart(bytes, otherKinds);
  if (kind === undefined) return;
  throw refusal(
    where,
    `${kind}, which is not supported`,
    "a zip or tar.gz",
    "unpack it, or pack its contents so",
  );
}

function openFile(path: string): RandomAccessFile {
  try {
    return RandomAccessFile.open(path);
  } catch (error) {
    throw new DataError({
      attempt: "read the archive",
      where: path,
      found: fileFault(error),
      wanted: "a zip or tar.gz",
    });
  }
}

/**
 * Opens a zip (Zip64 too) or a tar.gz, told apart by its first bytes. Memory stays bounded whatever is in it.
 *
 * @throws {DataError} naming the entry at fault: a path that leads outside, an absolute path, a link or device, a name twice (also when
 * only its case differs), encryption, an unknown compression, sizes beyond the limits, damage
 */
export async function openArchive(
  path: string,
  limits: ArchiveLimits = usualLimits,
): Promise<Archive> {
  const file = openFile(path);
  try {
    requireArchiveStart(file, path);
    const magic = file.readAt(0, Math.min(4, file.sizeBytes));
    if (magic[0] === 0x1f && magic[1] === 0x8b) {
      return await openTarGz(file, path, limits);
    }
    return openZip(file, path, limits);
  } catch (error) {
    file[Symbol.dispose]();
    throw error;
  }
}
