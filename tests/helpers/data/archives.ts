import { Buffer } from "node:buffer";
import { crc32, deflateRawSync, gzipSync } from "node:zlib";

/** A file to be packed. */
export interface PackedFile {
  name: string;
  bytes: Uint8Array;
}

/** How {@linkcode makeZip} packs; every variant holds the same files. */
export interface ZipStyle {
  /** put before every name */
  prefix?: string;
  stored?: boolean;
  /** 64-bit sizes and offsets everywhere, as for archives beyond 4 GiB */
  zip64?: boolean;
  /** checksum and sizes after the bytes instead of before, as writers of streams do */
  sizesFollow?: boolean;
  comment?: string;
  /** where in its file it will stand */
  startOffset?: number;
  /** changes the directory's fields of an entry before they are written */
  edit?(entry: ZipFields): void;
}

/** What the directory says about an entry. */
export interface ZipFields {
  name: string;
  flags: number;
  method: number;
  checksum: number;
  compressedBytes: number;
  sizeBytes: number;
  offset: number;
  /** Unix mode */
  mode: number;
}

/** A zip, written by the format's description and independently of the reader. */
export function makeZip(
  files: readonly PackedFile[],
  style: ZipStyle = {},
): Uint8Array {
  const { zip64 = false, sizesFollow = false, comment = "" } = style;
  const { startOffset = 0 } = style;
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = startOffset;
  const put = (bytes: Uint8Array) => {
    parts.push(bytes);
    offset += bytes.length;
  };
  for (const { name: plainName, bytes } of files) {
    const content = style.stored ? bytes : deflateRawSync(bytes, { level: 1 });
    const entry: ZipFields = {
      name: (style.prefix ?? "") + plainName,
      flags: 0x0800 | (sizesFollow ? 8 : 0),
      method: style.stored ? 0 : 8,
      checksum: crc32(bytes),
      compressedBytes: content.length,
      sizeBytes: bytes.length,
      offset,
      mode: 0o100644,
    };
    const name = new TextEncoder().encode(entry.name);
    const sizes = (field: number) => zip64 ? 0xffffffff : field;
    const localExtra = zip64
      ? fields("2 2 8 8", [1, 16, entry.sizeBytes, entry.compressedBytes])
      : new Uint8Array(0);
    put(
      fields("4 2 2 2 4 4 4 4 2 2", [
        0x04034b50,
        45,
        entry.flags,
        entry.method,
        0,
        sizesFollow ? 0 : entry.checksum,
        sizesFollow ? 0 : sizes(entry.compressedBytes),
        sizesFollow ? 0 : sizes(entry.sizeBytes),
        name.length,
        localExtra.length,
      ]),
    );
    put(name);
    put(localExtra);
    put(content);
    if (sizesFollow) {
      put(
        fields("4 4 4 4", [
          0x08074b50,
          entry.checksum,
          entry.compressedBytes,
          entry.sizeBytes,
        ]),
      );
    }
    style.edit?.(entry);
    const edited = new TextEncoder().encode(entry.name);
    const extra = zip64
      ? fields("2 2 8 8 8", [
        1,
        24,
        entry.sizeBytes,
        entry.compressedBytes,
        entry.offset,
      ])
      : new Uint8Array(0);
    directory.push(
      fields("4 2 2 2 2 4 4 4 4 2 2 2 2 2 4 4", [
        0x02014b50,
        3 * 256 + 45,
        45,
        entry.flags,
        entry.method,
        0,
        entry.checksum,
        sizes(entry.compressedBytes),
        sizes(entry.sizeBytes),
        edited.length,
        extra.length,
        0,
        0,
        0,
        entry.mode * 65536,
        sizes(entry.offset),
      ]),
      edited,
      extra,
    );
  }
  const start = offset;
  directory.forEach(put);
  const sizeBytes = offset - start;
  const count = files.length;
  if (zip64) {
    const at = offset;
    put(
      fields("4 8 2 2 4 4 8 8 8 8", [
        0x06064b50,
        44,
        45,
        45,
        0,
        0,
        count,
        count,
        sizeBytes,
        start,
      ]),
    );
    put(fields("4 4 8 4", [0x07064b50, 0, at, 1]));
  }
  const text = new TextEncoder().encode(comment);
  put(
    fields("4 2 2 2 2 4 4 2", [
      0x06054b50,
      0,
      0,
      zip64 ? 0xffff : count,
      zip64 ? 0xffff : count,
      zip64 ? 0xffffffff : sizeBytes,
      zip64 ? 0xffffffff : start,
      text.length,
    ]),
  );
  put(text);
  return Buffer.concat(parts);
}

/** How {@linkcode makeTarGz} packs. */
export interface TarStyle {
  prefix?: string;
  /** names in pax records instead of the header */
  pax?: boolean;
  /** names in GNU's own records */
  longNames?: boolean;
  /** type of the entries, "0" */
  type?: string;
}

/** A tar.gz with the same files. */
export function makeTarGz(
  files: readonly PackedFile[],
  style: TarStyle = {},
): Uint8Array {
  return gzipSync(makeTar(files, style), { level: 1 });
}

/** A tar, not compressed. */
export function makeTar(
  files: readonly PackedFile[],
  { prefix = "", pax = false, longNames = false, type = "0" }: TarStyle = {},
): Uint8Array {
  const parts: Uint8Array[] = [];
  const encoder = new TextEncoder();
  const put = (name: string, kind: string, bytes: Uint8Array) => {
    parts.push(tarHeader(name, kind, bytes.length), bytes);
    parts.push(new Uint8Array((512 - bytes.length % 512) % 512));
  };
  if (pax) {
    put("pax_global_header", "g", encoder.encode(paxRecord("comment", "abc")));
  }
  for (const { name: plainName, bytes } of files) {
    const name = prefix + plainName;
    if (pax) put("PaxHeader", "x", encoder.encode(paxRecord("path", name)));
    if (longNames) put("././@LongLink", "L", encoder.encode(`${name}\0`));
    put(pax || longNames ? "short" : name, type, bytes);
  }
  parts.push(new Uint8Array(1024));
  return Buffer.concat(parts);
}

function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const restBytes = new TextEncoder().encode(rest).length;
  let length = restBytes + 1;
  while (String(length).length + restBytes !== length) length++;
  return `${length}${rest}`;
}

function tarHeader(name: string, type: string, sizeBytes: number): Uint8Array {
  const block = new Uint8Array(512);
  const put = (at: number, text: string) =>
    block.set(new TextEncoder().encode(text), at);
  put(0, name.slice(0, 100));
  put(100, "0000644\0");
  put(124, sizeBytes.toString(8).padStart(11, "0") + "\0");
  put(148, "        ");
  put(156, type);
  put(257, "ustar\x0000");
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(148, sum.toString(8).padStart(6, "0") + "\0 ");
  return block;
}

/** Little-endian numbers of the given widths in bytes. */
function fields(widths: string, values: readonly number[]): Uint8Array {
  const sizes = widths.split(" ").map(Number);
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  sizes.forEach((size, index) => {
    const value = values[index];
    if (size === 2) view.setUint16(at, value, true);
    else if (size === 4) view.setUint32(at, value, true);
    else view.setBigUint64(at, BigInt(value), true);
    at += size;
  });
  return bytes;
}
