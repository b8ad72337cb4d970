/**
 * Large objects between a file and a server: in bounded memory, hashed on the way, resumed where they broke off.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { dirname } from "@std/path";
import {
  mostBytesOf,
  TooLarge,
  writePiece,
} from "../../data/transfer_bound.ts";
import { fileError, withFileErrors } from "../files/file_errors.ts";
import { type RemoteAnswer, RemoteFailure } from "./cache_http.ts";
import type { SharedObject } from "../store/shared_cache.ts";

/** How much of a file is in memory. */
const chunkSizeBytes = 1 << 18;

/** How often in a row a transfer may break off without having brought anything. */
const mostStalls = 2;

/** What became of a transfer: the file holds the object; the server has none; it has other bytes; the disk has no room. */
export type TransferResult = "filled" | "missing" | "wrong" | "no room";

/**
 * Makes `path` hold an object, appending to what an earlier transfer left there.
 *
 * @param open asks for the object from a byte on; undefined when the server does not have it
 * @throws {RemoteFailure} when transfers break off again and again without progress; what arrived stays for the next try
 */
export async function fillFile(
  object: SharedObject,
  path: string,
  open: (from: number) => Promise<RemoteAnswer | undefined>,
): Promise<TransferResult> {
  const file = await withFileErrors(
    "fetch a shared result",
    path,
    () => Deno.open(path, { read: true, write: true, create: true }),
  );
  using _closed = file;
  const partial = new PartialFile(file, path);
  await partial.readExisting(object.sizeBytes);
  const resumed = partial.sizeBytes > 0;
  const result = await fill(object, partial, open);
  if (result !== "wrong" && result !== "no room") return result;
  await partial.restart(); // neither wrong bytes nor half an object may fill the disk
  if (!resumed || result === "no room") return result;
  // What the earlier transfer left may be what was wrong.
  const again = await fill(object, partial, open);
  if (again === "wrong" || again === "no room") await partial.restart();
  return again;
}

async function fill(
  object: SharedObject,
  partial: PartialFile,
  open: (from: number) => Promise<RemoteAnswer | undefined>,
): Promise<TransferResult> {
  try {
    mostBytesOf(partial.folder, {
      statedBytes: object.sizeBytes,
      doneBytes: partial.sizeBytes,
      limitBytes: object.sizeBytes,
    });
    return await fillTo(object, partial, open);
  } catch (error) {
    if (error instanceof TooLarge) return error.isDisk ? "no room" : "wrong";
    throw error;
  }
}

async function fillTo(
  { digest, sizeBytes }: SharedObject,
  partial: PartialFile,
  open: (from: number) => Promise<RemoteAnswer | undefined>,
): Promise<TransferResult> {
  let stalls = 0;
  let furthest = partial.sizeBytes;
  while (partial.sizeBytes < sizeBytes) {
    const from = partial.sizeBytes;
    const answer = await open(from);
    if (answer === undefined) return "missing";
    // A server that knows no ranges sends the whole object.
    if (from > 0 && answer.from !== from) await partial.restart();
    const total = answer.sizeBytes;
    if (total !== undefined && partial.sizeBytes + total !== sizeBytes) {
      answer.discard();
      return "wrong";
    }
    try {
      for await (const chunk of answer.body) {
        await partial.append(chunk, sizeBytes);
      }
    } catch (error) {
      const broke = error instanceof RemoteFailure && error.transient;
      // A server that knows no ranges begins anew each time: what it brings again is no progress.
      stalls = partial.sizeBytes > furthest ? 0 : stalls + 1;
      furthest = Math.max(furthest, partial.sizeBytes);
      if (!broke || stalls >= mostStalls) throw error;
      continue;
    }
    if (partial.sizeBytes < sizeBytes) return "wrong";
  }
  return partial.digest() === digest ? "filled" : "wrong";
}

/** A file that grows, with the hash of what is in it. */
class PartialFile {
  sizeBytes = 0;
  readonly #file: Deno.FsFile;
  readonly #path: string;
  #hash = createHash("sha256");

  constructor(file: Deno.FsFile, path: string) {
    this.#file = file;
    this.#path = path;
  }

  /** Where it lies. */
  get folder(): string {
    return dirname(this.#path);
  }

  /** Hashes what is there; a file that is too long starts anew. */
  async readExisting(mostBytes: number): Promise<void> {
    const { size } = await this.#file.stat();
    if (size > mostBytes) return await this.restart();
    for await (const chunk of chunksOf(this.#file)) this.#hash.update(chunk);
    this.sizeBytes = size;
  }

  async restart(): Promise<void> {
    await this.#file.truncate(0);
    await this.#file.seek(0, Deno.SeekMode.Start);
    this.#hash = createHash("sha256");
    this.sizeBytes = 0;
  }

  /** @throws {TooLarge} when the file would outgrow `mostBytes`, or the disk is full */
  async append(chunk: Uint8Array, mostBytes: number): Promise<void> {
    try {
      this.sizeBytes = await writePiece(
        this.#file,
        chunk,
        this.sizeBytes,
        mostBytes,
      );
    } catch (error) {
      throw fileError(error, "fetch a shared result", this.#path);
    }
    this.#hash.update(chunk);
  }

  digest(): string {
    return this.#hash.copy().digest("hex");
  }
}

/** A file that does not hold the object that it is named after. */
export class DamagedObject extends Error {
  override name = "DamagedObject";
}

/**
 * A file's bytes; the last of them are held back until the digest of all is known to be right.
 *
 * @throws {DamagedObject} in place of the last chunk when the file does not hold the object
 */
export async function* verifiedChunks(
  { digest, sizeBytes }: SharedObject,
  path: string,
): AsyncGenerator<Uint8Array> {
  using file = await Deno.open(path, { read: true });
  const hash = createHash("sha256");
  let held: Uint8Array | undefined;
  let read = 0;
  for await (const chunk of chunksOf(file)) {
    if (held !== undefined) yield held;
    hash.update(chunk);
    read += chunk.length;
    held = chunk;
  }
  if (read !== sizeBytes || hash.digest("hex") !== digest) {
    throw new DamagedObject(digest);
  }
  if (held !== undefined) yield held;
}

async function* chunksOf(file: Deno.FsFile): AsyncGenerator<Uint8Array> {
  for (;;) {
    const chunk = new Uint8Array(chunkSizeBytes);
    const count = await file.read(chunk);
    if (count === null) return;
    yield chunk.subarray(0, count);
  }
}
