import { label, packAgain, refusal } from "./archive_checks.ts";

/** Bytes of a header, and the unit that contents are padded to. */
export const tarBlockBytes = 512;

/** A header as it stands in the archive. */
export interface TarHeader {
  name: string;
  sizeBytes: number;
  /** one character; "0" for a regular file */
  type: string;
}

/** What records before an entry say about it in place of its own header. */
export interface TarOverrides {
  name?: string;
  sizeBytes?: number;
  isLink?: boolean;
}

/**
 * Reads one header block, ustar, GNU or older.
 *
 * @returns undefined for a block of zeros, which ends the archive
 * @throws {DataError} when the checksum or a number is wrong
 */
export function parseTarHeader(
  block: Uint8Array,
  where: string,
): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (!hasRightChecksum(block)) {
    throw refusal(where, "a header with a wrong checksum", "a whole tar.gz");
  }
  const isUstar = text(block, 257, 6) === "ustar";
  const prefix = isUstar ? text(block, 345, 155) : "";
  const ownName = text(block, 0, 100);
  const name = prefix === "" ? ownName : `${prefix}/${ownName}`;
  const sizeBytes = number(block, 124, 12);
  if (sizeBytes === undefined) {
    throw refusal(where, `${label(name)} of unreadable size`, "a whole tar.gz");
  }
  const type = block[156] === 0 ? "0" : String.fromCharCode(block[156]);
  return { name, sizeBytes, type };
}

/** Whether a block's checksum is that of a header. */
export function hasRightChecksum(block: Uint8Array): boolean {
  let sum = 0;
  for (let at = 0; at < tarBlockBytes; at++) {
    sum += at >= 148 && at < 156 ? 32 : block[at];
  }
  return octal(block, 148, 8) === sum;
}

/**
 * Reads the records of a pax header, `<length> <key>=<value>\n` each.
 *
 * @throws {DataError} when they do not add up
 */
export function parsePax(bytes: Uint8Array, where: string): TarOverrides {
  const overrides: TarOverrides = {};
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(32, at);
    const length = Number(
      /^\d{1,7}$/.exec(text(bytes, at, Math.max(0, space - at)))?.[0] ?? 0,
    );
    const end = at + length;
    if (
      space < 0 || end <= space + 1 || end > bytes.length ||
      bytes[end - 1] !== 10
    ) {
      throw refusal(where, "a pax header that is damaged", "a whole tar.gz");
    }
    const record = new TextDecoder().decode(bytes.subarray(space + 1, end - 1));
    const equals = record.indexOf("=");
    if (equals < 1) {
      throw refusal(where, "a pax header that is damaged", "a whole tar.gz");
    }
    const key = record.slice(0, equals);
    const value = record.slice(equals + 1);
    if (key === "path") overrides.name = value;
    if (key === "linkpath") overrides.isLink = true;
    if (key === "size") {
      overrides.sizeBytes = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
    }
    // Sparse files would come out as something else than they are.
    if (key.startsWith("GNU.sparse.")) {
      throw refusal(where, "a sparse file", "plain files", packAgain);
    }
    at = end;
  }
  if (Number.isNaN(overrides.sizeBytes)) {
    throw refusal(where, "a pax header of unreadable size", "a whole tar.gz");
  }
  return overrides;
}

/** Text up to the first zero byte. */
export function text(bytes: Uint8Array, start: number, length: number): string {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

function octal(
  block: Uint8Array,
  start: number,
  length: number,
): number | undefined {
  const digits = text(block, start, length).trim();
  return /^[0-7]*$/.test(digits) ? parseInt(digits || "0", 8) : undefined;
}

/** Octal digits, or big-endian bytes behind a set first bit. */
function number(
  block: Uint8Array,
  start: number,
  length: number,
): number | undefined {
  if ((block[start] & 0x80) === 0) return octal(block, start, length);
  if (block[start] !== 0x80) return undefined;
  let value = 0;
  for (let at = start + 1; at < start + length; at++) {
    value = value * 256 + block[at];
  }
  return Number.isSafeInteger(value) ? value : undefined;
}
