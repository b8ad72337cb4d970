import { DataError, fileFault } from "../errors.ts";
import { type Archive, type ArchiveLimits, usualLimits } from "./archive.ts";
import { RandomAccessFile } from "./random_access_file.ts";
import { openTarGz } from "./tar_archive.ts";
import { openZip } from "./zip_archive.ts";

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
  let file: RandomAccessFile;
  try {
    file = RandomAccessFile.open(path);
  } catch (error) {
    throw new DataError({
      attempt: "read the archive",
      where: path,
      found: fileFault(error),
      wanted: "a zip or tar.gz",
    });
  }
  try {
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
