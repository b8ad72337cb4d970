import type { ArchiveLimits } from "./archive.ts";
import {
  EntryChecker,
  type EntryKind,
  label,
  refusal,
} from "./archive_checks.ts";
import { isByProduct } from "../by_products.ts";
import { plainName } from "./entry_names.ts";
import { findEndRecord } from "./zip_end_record.ts";
import type { RandomAccessFile } from "./random_access_file.ts";

const signature = 0x02014b50;
const fixedBytes = 46;
const localFixedBytes = 30;
const saturated16 = 0xffff;
const saturated32 = 0xffffffff;
const zip64Extra = 0x0001;

/** Flag bits: encrypted, strongly encrypted, encrypted directory. */
const encryptedFlags = 0x0001 | 0x0040 | 0x2000;
const utf8Flag = 0x0800;

/** Systems on which a backslash separates the parts of a path: MS-DOS, NTFS, VFAT. */
const windowsSystems = [0, 10, 11, 14];

/** An entry as the directory at the end of a zip describes it. */
export interface ZipEntry {
  name: string;
  nameBytes: Uint8Array;
  sizeBytes: number;
  compressedBytes: number;
  /** 0 stored, 8 deflated */
  method: number;
  checksum: number;
  /** where its local header stands */
  offset: number;
  /** where what comes after it begins */
  limit: number;
}

/**
 * Reads and checks the directory of a zip, Zip64 included. The directory alone says what is in the archive: what stands between the
 * entries counts for nothing, and entries that overlap are refused, so that no byte is unpacked twice.
 *
 * @returns the regular files in the order of their bytes
 * @throws {DataError} as `openArchive`
 */
export function readZipDirectory(
  file: RandomAccessFile,
  where: string,
  limits: ArchiveLimits,
): ZipEntry[] {
  const { count, offset, sizeBytes } = findEndRecord(file, where);
  if (count > limits.entries) {
    throw refusal(
      where,
      `${count} entries`,
      `no more than ${limits.entries}`,
    );
  }
  if (sizeBytes > count * 4096 + fixedBytes) {
    throw refusal(
      where,
      `a directory of ${sizeBytes} bytes for ${count} entries`,
      "a whole zip",
    );
  }
  const bytes = file.readAt(offset, sizeBytes);
  const checker = new EntryChecker(where, limits, file.sizeBytes);
  const entries: ZipEntry[] = [];
  let position = 0;
  for (let index = 0; index < count; index++) {
    const parsed = parseEntry(bytes, position, index, where);
    position = parsed.end;
    entries.push(parsed.entry);
    const { name } = parsed.entry;
    if (isByProduct(name) || (name === "" && parsed.isFolderItself)) continue;
    checker.add(name, parsed.kind, parsed.entry.sizeBytes);
  }
  if (position !== sizeBytes) {
    throw refusal(
      where,
      `a directory of ${sizeBytes} bytes whose ${count} entries take ${position}`,
      "a whole zip",
    );
  }
  setLimits(entries, offset, where);
  const files = new Set(checker.files.map(({ name }) => name));
  return entries.filter(({ name }) => files.has(name));
}

function parseEntry(
  bytes: Uint8Array,
  at: number,
  index: number,
  where: string,
): {
  entry: ZipEntry;
  kind: EntryKind;
  /** whether it is the folder that was packed, "./" */
  isFolderItself: boolean;
  end: number;
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (
    at + fixedBytes > bytes.length || view.getUint32(at, true) !== signature
  ) {
    throw refusal(where, `no entry ${index} in its directory`, "a whole zip");
  }
  const u16 = (offset: number) => view.getUint16(at + offset, true);
  const u32 = (offset: number) => view.getUint32(at + offset, true);
  const nameEnd = at + fixedBytes + u16(28);
  const extraEnd = nameEnd + u16(30);
  const end = extraEnd + u16(32);
  if (end > bytes.length) {
    throw refusal(where, `entry ${index} cut short`, "a whole zip");
  }
  const flags = u16(8);
  const nameBytes = bytes.subarray(at + fixedBytes, nameEnd);
  const madeOn = u16(4) >> 8;
  const given = decodeName(nameBytes, (flags & utf8Flag) !== 0);
  const name = plainName(given, windowsSystems.includes(madeOn));
  const named = label(name);
  if (flags & encryptedFlags) {
    throw refusal(
      where,
      `${named}, encrypted`,
      "entries without a password",
      "pack it again without one",
    );
  }
  const entry: ZipEntry = {
    name,
    nameBytes,
    method: u16(10),
    checksum: u32(16),
    compressedBytes: u32(20),
    sizeBytes: u32(24),
    offset: u32(42),
    limit: 0,
  };
  const disk = readZip64Extra(entry, view, nameEnd, extraEnd, u16(34));
  if (disk === undefined) {
    throw refusal(where, `${named} without its Zip64 sizes`, "a whole zip");
  }
  if (disk !== 0) {
    throw refusal(where, `${named} on disk ${disk}`, "an archive in one file");
  }
  if (entry.method !== 0 && entry.method !== 8) {
    throw refusal(
      where,
      `${named} compressed by method ${entry.method}`,
      "stored or deflated entries",
      "pack it again so",
    );
  }
  if (entry.method === 0 && entry.compressedBytes !== entry.sizeBytes) {
    throw refusal(
      where,
      `${named} stored as ${entry.compressedBytes} bytes`,
      `${entry.sizeBytes} bytes`,
    );
  }
  return {
    entry,
    kind: kindOf(name, madeOn, u32(38)),
    isFolderItself: name === "" && /^\.[/\\]*$/.test(given),
    end,
  };
}

/** Latin letters and UTF-8 are all that published sets use; other old code pages only need a name that is unique. */
function decodeName(bytes: Uint8Array, isUtf8: boolean): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes);
  } catch {
    return isUtf8
      ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)
      : String.fromCharCode(...bytes);
  }
}

function kindOf(name: string, madeOn: number, attributes: number): EntryKind {
  const unix = 3, darwin = 19;
  const type = madeOn === unix || madeOn === darwin
    ? (attributes >>> 16) & 0xf000
    : 0;
  if (type === 0xa000) return "link";
  if (type !== 0 && type !== 0x8000 && type !== 0x4000) return "device";
  return name.endsWith("/") ? "folder" : "file";
}

/**
 * Puts the 64-bit values in place of those that do not fit 32 bits.
 *
 * @returns the number of the disk; undefined when a value is missing
 */
function readZip64Extra(
  entry: ZipEntry,
  view: DataView,
  start: number,
  end: number,
  disk: number,
): number | undefined {
  const wanted = (["sizeBytes", "compressedBytes", "offset"] as const)
    .filter((field) => entry[field] === saturated32);
  if (wanted.length === 0 && disk !== saturated16) return disk;
  for (let at = start; at + 4 <= end;) {
    const id = view.getUint16(at, true);
    const fieldEnd = at + 4 + view.getUint16(at + 2, true);
    if (fieldEnd > end) return undefined;
    if (id === zip64Extra) {
      let value = at + 4;
      for (const field of wanted) {
        if (value + 8 > fieldEnd) return undefined;
        const number = Number(view.getBigUint64(value, true));
        if (!Number.isSafeInteger(number)) return undefined;
        entry[field] = number;
        value += 8;
      }
      if (disk !== saturated16) return disk;
      return value + 4 > fieldEnd ? undefined : view.getUint32(value, true);
    }
    at = fieldEnd;
  }
  return undefined;
}

/** Sorts entries by place; each ends where the next begins, and the last where the directory does. */
function setLimits(
  entries: ZipEntry[],
  directoryOffset: number,
  where: string,
) {
  entries.sort((a, b) => a.offset - b.offset);
  entries.forEach((entry, index) => {
    entry.limit = entries[index + 1]?.offset ?? directoryOffset;
    const { offset, nameBytes, compressedBytes, limit } = entry;
    if (
      offset + localFixedBytes + nameBytes.length + compressedBytes > limit
    ) {
      throw refusal(
        where,
        `${label(entry.name)} that overlaps what comes after it`,
        "a whole zip",
      );
    }
  });
}
