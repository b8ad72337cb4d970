/**
 * How much a transfer may bring: what the other side states, what the disk has room for, and no more. An endless answer would otherwise
 * fill the disk, and break whatever runs next.
 *
 * @module
 */
import { statfsSync } from "node:fs";

/** A transfer that brought, or would bring, more than it may. */
export class TooLarge extends Error {
  /** the class, for logs */
  override readonly name = "TooLarge";
  /** whether the disk is what has no room; otherwise the size itself is wrong */
  readonly isDisk: boolean;

  constructor(message: string, isDisk: boolean) {
    super(message);
    this.isDisk = isDisk;
  }
}

/** Bytes that this user may still write where a folder lies; Infinity when the process may not ask. */
export function freeBytes(folder: string): number {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "statfs" });
  if (state !== "granted") return Infinity;
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** What is known of a file before its bytes come. */
export interface ExpectedFile {
  /** size of the whole file; undefined when the other side does not state it */
  statedBytes: number | undefined;
  /** how much of it is there already */
  doneBytes: number;
  /** what no file of its kind exceeds */
  limitBytes: number;
}

/**
 * The most bytes that a file in this folder may have when its transfer ends.
 *
 * @throws {TooLarge} when the stated size is too large
 */
export function mostBytesOf(
  folder: string,
  { statedBytes, doneBytes, limitBytes }: ExpectedFile,
): number {
  const free = freeBytes(folder);
  // What nobody states may have no end: half of the room is left to others.
  if (statedBytes === undefined) {
    return Math.min(limitBytes, doneBytes + Math.floor(free / 2));
  }
  if (statedBytes > limitBytes) {
    throw new TooLarge(`a file of more than ${limitBytes} bytes`, false);
  }
  if (statedBytes - doneBytes > free) {
    throw new TooLarge(
      `${statedBytes} bytes, more than this disk has room for`,
      true,
    );
  }
  return statedBytes;
}

/**
 * Writes a piece where the file stands.
 *
 * @returns bytes that there are now
 * @throws {TooLarge} when the file would outgrow `mostBytes`, before anything is written, or when the disk is full
 */
export async function writePiece(
  file: Deno.FsFile,
  piece: Uint8Array,
  doneBytes: number,
  mostBytes: number,
): Promise<number> {
  if (doneBytes + piece.length > mostBytes) {
    throw new TooLarge(`a file of more than ${mostBytes} bytes`, false);
  }
  try {
    for (let at = 0; at < piece.length;) {
      at += await file.write(piece.subarray(at));
    }
  } catch (error) {
    if (!isFullDisk(error)) throw error;
    throw new TooLarge("more than this disk has room for", true);
  }
  return doneBytes + piece.length;
}

function isFullDisk(error: unknown): boolean {
  return /no space left|\bENOSPC\b|\bEDQUOT\b|quota|\(os error 28\)/i
    .test(String(error));
}
