import { crc32 } from "node:zlib";
import type { Archive, ArchiveLimits, EntryBytes } from "./archive.ts";
import { label, refusal } from "./archive_checks.ts";
import { inflate, isOfZlib } from "./inflate.ts";
import type { RandomAccessFile } from "./random_access_file.ts";
import { readZipDirectory, type ZipEntry } from "./zip_directory.ts";

const localSignature = 0x04034b50;
const localFixedBytes = 30;
const sizesFollowFlag = 0x0008;
const encryptedFlag = 0x0001;
const saturated32 = 0xffffffff;

/**
 * Opens a zip for reading from a file. The directory at the end says what is in it; each local header has to agree with it.
 *
 * A reader of our own and not a library: it is short, it reads from a file on disk instead of memory, and it refuses every
 * inconsistency with the entry's name, where libraries choose one of two contradictory answers.
 *
 * @throws {DataError} as `openArchive`
 */
export function openZip(
  file: RandomAccessFile,
  where: string,
  limits: ArchiveLimits,
): Archive {
  const entries = readZipDirectory(file, where, limits);
  return {
    entries,
    async *read(names) {
      for (const entry of entries) {
        if (!names.has(entry.name)) continue;
        yield entryBytes(file, entry, where);
      }
    },
    [Symbol.dispose]: () => file[Symbol.dispose](),
  };
}

function entryBytes(
  file: RandomAccessFile,
  entry: ZipEntry,
  where: string,
): EntryBytes {
  const { name, sizeBytes } = entry;
  return { name, sizeBytes, bytes: checkedBytes(file, entry, where) };
}

async function* checkedBytes(
  file: RandomAccessFile,
  entry: ZipEntry,
  where: string,
): AsyncGenerator<Uint8Array> {
  const named = label(entry.name);
  const start = dataStart(file, entry, where);
  const raw = file.pieces(start, entry.compressedBytes);
  const pieces = entry.method === 0 ? raw : inflate(raw, "deflate");
  let checksum = 0;
  let doneBytes = 0;
  const tooLong = () =>
    refusal(
      where,
      `${named} that unpacks to more than it declares`,
      `${entry.sizeBytes} bytes`,
    );
  try {
    for await (const piece of pieces) {
      doneBytes += piece.length;
      if (doneBytes > entry.sizeBytes) throw tooLong();
      checksum = crc32(piece, checksum);
      yield piece;
    }
  } catch (error) {
    throw isOfZlib(error)
      ? refusal(where, `${named}, damaged (${error.message})`, "a whole zip")
      : error;
  }
  if (doneBytes !== entry.sizeBytes) {
    throw refusal(
      where,
      `${named} of ${doneBytes} bytes`,
      `${entry.sizeBytes} bytes`,
    );
  }
  if (checksum !== entry.checksum) {
    throw refusal(where, `${named} with a wrong checksum`, "intact entries");
  }
}

/** Checks the local header against the directory and says where the entry's bytes begin. */
function dataStart(
  file: RandomAccessFile,
  entry: ZipEntry,
  where: string,
): number {
  const { offset, limit, nameBytes, compressedBytes } = entry;
  const header = file.readAt(offset, localFixedBytes + nameBytes.length);
  const view = new DataView(header.buffer);
  const u16 = (at: number) => view.getUint16(at, true);
  const u32 = (at: number) => view.getUint32(at, true);
  const agrees = (at: number, wanted: number) =>
    u32(at) === wanted || u32(at) === saturated32;
  const sizesFollow = (u16(6) & sizesFollowFlag) !== 0;
  const start = offset + localFixedBytes + nameBytes.length + u16(28);
  if (
    u32(0) !== localSignature || (u16(6) & encryptedFlag) !== 0 ||
    u16(8) !== entry.method || u16(26) !== nameBytes.length ||
    nameBytes.some((byte, index) => header[localFixedBytes + index] !== byte) ||
    start + compressedBytes > limit ||
    !(sizesFollow || (u32(14) === entry.checksum &&
      agrees(18, compressedBytes) && agrees(22, entry.sizeBytes)))
  ) {
    throw refusal(
      where,
      `${label(entry.name)} whose own header contradicts the directory`,
      "a whole zip",
    );
  }
  return start;
}
