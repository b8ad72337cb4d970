import type { Archive, ArchiveLimits, EntryBytes } from "./archive.ts";
import {
  EntryChecker,
  type EntryKind,
  label,
  mostUnpackedBytes,
  refusal,
} from "./archive_checks.ts";
import { isByProduct } from "../by_products.ts";
import { plainName } from "./entry_names.ts";
import { ByteQueue } from "./byte_queue.ts";
import { inflate, isOfZlib } from "./inflate.ts";
import type { RandomAccessFile } from "./random_access_file.ts";
import {
  hasRightChecksum,
  parsePax,
  parseTarHeader,
  tarBlockBytes,
  type TarOverrides,
  text,
} from "./tar_header.ts";

/** Longest name or list of pax records; real ones have a few hundred bytes. */
const mostHeaderBytes = 65_536;

/** Most bytes that may follow the block that ends a tar; programs fill up to some ten kilobytes. */
const mostPaddingBytes = 1 << 20;

/** What the loop over an archive meets: an entry and its bytes, which have to be read or skipped before the next. */
interface TarEntry {
  name: string;
  kind: EntryKind;
  sizeBytes: number;
}

/**
 * Opens a tar.gz (ustar, pax and GNU long names). It is read twice, once for the list of entries and once for their bytes, since the
 * list stands nowhere in one piece.
 *
 * @throws {DataError} as `openArchive`
 */
export async function openTarGz(
  file: RandomAccessFile,
  where: string,
  limits: ArchiveLimits,
): Promise<Archive> {
  const checker = new EntryChecker(where, limits, file.sizeBytes);
  const queue = queueOf(file, where, limits);
  try {
    for await (const { name, kind, sizeBytes } of entriesOf(queue, where)) {
      checker.add(name, kind, sizeBytes);
      await skipContent(queue, sizeBytes, name, where);
    }
  } catch (error) {
    throw readable(error, where);
  } finally {
    await queue.close();
  }
  const entries = checker.files;
  return {
    entries,
    read: (names) => readEntries(file, names, where, limits),
    [Symbol.dispose]: () => file[Symbol.dispose](),
  };
}

async function* readEntries(
  file: RandomAccessFile,
  names: ReadonlySet<string>,
  where: string,
  limits: ArchiveLimits,
): AsyncGenerator<EntryBytes> {
  const queue = queueOf(file, where, limits);
  try {
    for await (const { name, kind, sizeBytes } of entriesOf(queue, where)) {
      if (kind !== "file" || !names.has(name)) {
        await skipContent(queue, sizeBytes, name, where);
        continue;
      }
      let doneBytes = 0;
      const read = async function* () {
        while (doneBytes < sizeBytes) {
          const piece = await queue.next(sizeBytes - doneBytes);
          if (piece === undefined) throw cutShort(name, where);
          doneBytes += piece.length;
          yield piece;
        }
      };
      yield { name, sizeBytes, bytes: read() };
      await skipContent(queue, sizeBytes, name, where, doneBytes);
    }
  } catch (error) {
    throw readable(error, where);
  } finally {
    await queue.close();
  }
}

/** Bytes of headers that an entry may have beside its content: its own, and long names or pax records before it. */
const headerBytesAnEntry = 2048;

function queueOf(
  file: RandomAccessFile,
  where: string,
  limits: ArchiveLimits,
): ByteQueue {
  const most = mostUnpackedBytes(limits, file.sizeBytes) +
    limits.entries * headerBytesAnEntry + mostPaddingBytes;
  const pieces = inflate(file.pieces(0, file.sizeBytes), "gzip");
  return new ByteQueue(bounded(pieces, most, where));
}

/** Counts every unpacked byte, whether it belongs to a file or to headers and folders that nobody keeps. */
async function* bounded(
  pieces: AsyncIterable<Uint8Array>,
  most: number,
  where: string,
): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const piece of pieces) {
    total += piece.length;
    if (total > most) {
      throw refusal(
        where,
        `a tar of more than ${most} bytes`,
        "no more than that from an archive of this size",
      );
    }
    yield piece;
  }
}

/** Passes over what is left of an entry's bytes and of their padding. */
async function skipContent(
  queue: ByteQueue,
  sizeBytes: number,
  name: string,
  where: string,
  doneBytes = 0,
) {
  const padded = Math.ceil(sizeBytes / tarBlockBytes) * tarBlockBytes;
  if (!await queue.skip(padded - doneBytes)) throw cutShort(name, where);
}

/** Entry after entry; whoever iterates has to take the entry's padded content out of the queue before going on. */
async function* entriesOf(
  queue: ByteQueue,
  where: string,
): AsyncGenerator<TarEntry> {
  let overrides: TarOverrides = {};
  for (let isFirst = true;; isFirst = false) {
    const block = await queue.exactly(tarBlockBytes);
    if (isFirst && !isTarHeader(block)) {
      throw refusal(where, "something that is no tar in gzip", "a tar.gz");
    }
    if (block === undefined) {
      throw refusal(where, "no end of the tar", "a whole tar.gz");
    }
    const header = parseTarHeader(block, where);
    if (header === undefined && Object.keys(overrides).length > 0) {
      throw refusal(where, "a header without its entry", "a whole tar.gz");
    }
    if (header === undefined) {
      // To the end, so that gzip's own checksum is verified.
      for (let paddingBytes = 0;;) {
        const piece = await queue.next(mostPaddingBytes);
        if (piece === undefined) return;
        paddingBytes += piece.length;
        if (paddingBytes > mostPaddingBytes) {
          throw refusal(
            where,
            `more than ${mostPaddingBytes} bytes behind the end of the tar`,
            "a whole tar.gz",
          );
        }
      }
    }
    const { type } = header;
    if (type === "x" || type === "g" || type === "L" || type === "K") {
      const { sizeBytes } = header;
      const bytes = sizeBytes <= mostHeaderBytes
        ? await queue.exactly(sizeBytes)
        : undefined;
      if (bytes === undefined) {
        throw refusal(
          where,
          `a header of ${sizeBytes} bytes`,
          `at most ${mostHeaderBytes}`,
        );
      }
      await skipContent(queue, sizeBytes, header.name, where, sizeBytes);
      // Global records are comments, such as the commit that an archive was made from.
      if (type === "x") overrides = { ...overrides, ...parsePax(bytes, where) };
      if (type === "L") overrides.name = text(bytes, 0, sizeBytes);
      if (type === "K") overrides.isLink = true;
      continue;
    }
    const fullName = overrides.name ?? header.name;
    // Whoever packs "." gets "./" before every name, and an entry for the folder itself.
    const name = plainName(fullName);
    const sizeBytes = overrides.sizeBytes ?? header.sizeBytes;
    const kind = overrides.isLink ? "link" : kindOf(type, name);
    overrides = {};
    if (isByProduct(name) || (kind === "folder" && name === "")) {
      await skipContent(queue, sizeBytes, name, where);
    } else yield { name, kind, sizeBytes };
  }
}

/** Whether a tar can begin so: with its own mark, a checksum that is right as in those older than the mark, or with its end. */
function isTarHeader(block: Uint8Array | undefined): boolean {
  return block !== undefined &&
    (text(block, 257, 5) === "ustar" || hasRightChecksum(block) ||
      block.every((byte) => byte === 0));
}

function kindOf(type: string, name: string): EntryKind {
  if (type === "5") return "folder";
  if (type === "0" || type === "7") {
    return name.endsWith("/") ? "folder" : "file";
  }
  if (type === "S") return "sparse file";
  return type === "1" || type === "2" ? "link" : "device";
}

function cutShort(name: string, where: string) {
  return refusal(where, `${label(name)} cut short`, "a whole tar.gz");
}

/** What zlib says about damage, as a refusal. */
function readable(error: unknown, where: string): unknown {
  return isOfZlib(error)
    ? refusal(where, `damaged gzip (${error.message})`, "a whole tar.gz")
    : error;
}
