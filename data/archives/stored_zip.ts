import { crc32 } from "node:zlib";
import { DataError } from "../errors.ts";

const endSignature = 0x06054b50;
const directorySignature = 0x02014b50;
const localSignature = 0x04034b50;
const endSizeBytes = 22;
const longestCommentBytes = 65_535;

/** What a zip of stored entries holds. */
export interface StoredZip {
  names: readonly string[];
  entries: ReadonlyMap<string, Uint8Array>;
}

/**
 * Reads a zip archive whose entries are stored uncompressed, as PyTorch writes them; so an entry is a view into the file
 * and no archive can grow while it is read. Checksums are verified.
 *
 * @param where what to call the archive in an error
 * @returns all names, and the bytes of entries by name, without copies; compressed ones only where nothing asks for them
 * @throws {DataError} when the archive is damaged, encrypted, or larger than 4 GiB
 */
export function readStoredZip(
  bytes: Uint8Array,
  where: string,
): StoredZip {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fail = (found: string, wanted: string) =>
    new DataError({
      attempt: "read the zip archive",
      where,
      found,
      wanted,
      remedy:
        "the file is damaged or no checkpoint of PyTorch: fetch or save it again",
    });
  const end = findEnd(view);
  if (end < 0) throw fail("no end record", "a whole zip archive");
  const count = view.getUint16(end + 10, true);
  let position = view.getUint32(end + 16, true);
  const names = new Set<string>();
  const entries = new Map<string, Uint8Array>();
  let totalBytes = 0;
  for (let index = 0; index < count; index++) {
    if (
      position + 46 > end ||
      view.getUint32(position, true) !== directorySignature
    ) {
      throw fail(
        `no directory entry ${index} at byte ${position}`,
        `${count} entries`,
      );
    }
    const flags = view.getUint16(position + 8, true);
    const method = view.getUint16(position + 10, true);
    const checksum = view.getUint32(position + 16, true);
    const sizeBytes = view.getUint32(position + 24, true);
    const nameLength = view.getUint16(position + 28, true);
    const skipped = view.getUint16(position + 30, true) +
      view.getUint16(position + 32, true);
    const local = view.getUint32(position + 42, true);
    const name = new TextDecoder().decode(
      bytes.subarray(position + 46, position + 46 + nameLength),
    );
    position += 46 + nameLength + skipped;

    const label = `entry ${JSON.stringify(name).slice(0, 80)}`;
    if (names.has(name)) throw fail(`${label} twice`, "every name once");
    names.add(name);
    // Programs beside weights are compressed; whoever needs the bytes of one finds none.
    if (method !== 0 || flags & 1) continue;
    if (local + 30 > end || view.getUint32(local, true) !== localSignature) {
      throw fail(
        `${label} without a header at byte ${local}`,
        "a whole zip archive",
      );
    }
    const start = local + 30 + view.getUint16(local + 26, true) +
      view.getUint16(local + 28, true);
    if (start + sizeBytes > end) {
      throw fail(`${label} beyond the file`, "a whole zip archive");
    }
    // Or a small archive could have the same bytes summed up 65,535 times.
    totalBytes += sizeBytes;
    if (totalBytes > bytes.byteLength) {
      throw fail(`${label} in the place of another`, "entries side by side");
    }
    const content = bytes.subarray(start, start + sizeBytes);
    if (crc32(content) !== checksum) {
      throw fail(`${label} with a wrong checksum`, "intact entries");
    }
    entries.set(name, content);
  }
  return { names: [...names], entries };
}

/** Position of the record that ends every archive, searched from the back over a possible comment; −1 when missing. */
function findEnd(view: DataView): number {
  const last = view.byteLength - endSizeBytes;
  for (let at = last; at >= Math.max(0, last - longestCommentBytes); at--) {
    if (view.getUint32(at, true) === endSignature) return at;
  }
  return -1;
}
