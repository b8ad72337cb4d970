import { refusal } from "./archive_checks.ts";
import type { RandomAccessFile } from "./random_access_file.ts";

const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
const endSignature = 0x06054b50;
const endBytes = 22;
const longestCommentBytes = 65_535;
const locatorSignature = 0x07064b50;
const locatorBytes = 20;
const end64Signature = 0x06064b50;
const end64Bytes = 56;

/** Where the directory of a zip lies. */
export interface ZipDirectoryPlace {
  count: number;
  offset: number;
  sizeBytes: number;
}

/**
 * Finds the directory of a zip through the record at its end, and the Zip64 record before it where there is one. The
 * directory has to end where that record begins: nothing is guessed from an archive that was cut or glued together.
 *
 * @throws {DataError} when there is none or it is not consistent
 */
export function findEndRecord(
  file: RandomAccessFile,
  where: string,
): ZipDirectoryPlace {
  const tailBytes = Math.min(file.sizeBytes, endBytes + longestCommentBytes);
  const tailOffset = file.sizeBytes - tailBytes;
  const tail = viewOf(file.readAt(tailOffset, tailBytes));
  const inTail = findInTail(tail);
  if (inTail < 0) {
    const found = withoutRecord(file, tail);
    throw refusal(where, found, "a whole zip or tar.gz");
  }
  const at = tailOffset + inTail;
  const u16 = (offset: number) => tail.getUint16(inTail + offset, true);
  const u32 = (offset: number) => tail.getUint32(inTail + offset, true);
  const place = { count: u16(10), offset: u32(16), sizeBytes: u32(12) };
  const isZip64 = u16(4) === 0xffff || u16(6) === 0xffff ||
    u16(8) === 0xffff || place.count === 0xffff ||
    place.offset === 0xffffffff || place.sizeBytes === 0xffffffff;
  const found = isZip64 ? readZip64(file, at, where, place) : {
    ...place,
    end: at,
    disks: [u16(4), u16(6)],
    countHere: u16(8),
  };
  const { count, offset, sizeBytes, end, disks, countHere } = found;
  if (disks.some((disk) => disk !== 0) || countHere !== count) {
    throw refusal(where, "one part of several", "an archive in one file");
  }
  const before = end - offset - sizeBytes;
  if (isBehindOthers(file, before, offset, count)) {
    throw refusal(
      where,
      `a zip behind ${before} other bytes, as of a program that unpacks itself, which is not supported`,
      "a zip or tar.gz",
      "unpack it, or pack its contents so",
    );
  }
  if (before !== 0) {
    throw refusal(
      where,
      `a directory at bytes ${offset} to ${offset + sizeBytes}`,
      `one that ends at byte ${end}`,
    );
  }
  return { count, offset, sizeBytes };
}

/** What a file is that does not end as a zip does. */
function withoutRecord(
  { sizeBytes }: RandomAccessFile,
  tail: DataView,
): string {
  if (sizeBytes === 0) return "an empty file";
  for (let at = tail.byteLength - endBytes; at >= 0; at--) {
    if (tail.getUint32(at, true) !== endSignature) continue;
    const end = at + endBytes + tail.getUint16(at + 20, true);
    // A comment that is longer than what is left belongs to a record that was cut.
    if (end < tail.byteLength) {
      return `${tail.byteLength - end} bytes behind the end of the zip`;
    }
  }
  return `${sizeBytes} bytes without the record that ends a zip`;
}

/** Whether a whole zip begins at `before`, as its directory's place and signatures tell. */
function isBehindOthers(
  file: RandomAccessFile,
  before: number,
  offset: number,
  count: number,
): boolean {
  if (!(before > 0) || count === 0) return false;
  const signatureAt = (place: number) =>
    viewOf(file.readAt(place, 4)).getUint32(0, true);
  return signatureAt(before + offset) === entrySignature &&
    signatureAt(before) === localSignature;
}

/** The last place whose comment reaches exactly to the end of the file; −1 when there is none. */
function findInTail(tail: DataView): number {
  for (let at = tail.byteLength - endBytes; at >= 0; at--) {
    if (
      tail.getUint32(at, true) === endSignature &&
      at + endBytes + tail.getUint16(at + 20, true) === tail.byteLength
    ) return at;
  }
  return -1;
}

function readZip64(
  file: RandomAccessFile,
  endOffset: number,
  where: string,
  small: ZipDirectoryPlace,
) {
  const damaged = (found: string) => refusal(where, found, "a whole zip");
  const locatorOffset = endOffset - locatorBytes;
  const locator = locatorOffset < 0
    ? undefined
    : viewOf(file.readAt(locatorOffset, locatorBytes));
  if (locator?.getUint32(0, true) !== locatorSignature) {
    // Exactly 65,535 entries fit the small record as well.
    if (small.offset + small.sizeBytes === endOffset) {
      return { ...small, end: endOffset, disks: [0], countHere: small.count };
    }
    throw damaged("no Zip64 record");
  }
  const at = Number(locator.getBigUint64(8, true));
  if (!(at + end64Bytes <= locatorOffset)) {
    throw damaged("a Zip64 record outside the file");
  }
  const record = viewOf(file.readAt(at, end64Bytes));
  if (record.getUint32(0, true) !== end64Signature) {
    throw damaged("no Zip64 record");
  }
  const u64 = (offset: number) => Number(record.getBigUint64(offset, true));
  if (at + 12 + u64(4) !== locatorOffset) {
    throw damaged("a Zip64 record of another length");
  }
  return {
    count: u64(32),
    countHere: u64(24),
    sizeBytes: u64(40),
    offset: u64(48),
    end: at,
    disks: [
      record.getUint32(16, true),
      record.getUint32(20, true),
      locator.getUint32(4, true),
    ],
  };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
