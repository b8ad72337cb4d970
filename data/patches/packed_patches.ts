import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { DataError } from "../errors.ts";

/** Side of a packed patch. */
export const patchSidePixels = 64;
/** Size of one packed patch: 64 × 64 grey values of one byte. */
export const patchSizeBytes = patchSidePixels * patchSidePixels;
/** Size of the header before the first patch. */
export const headerSizeBytes = 32;

const magicText = "TNPATCH1";

/** Longest stretch of the file that is read as a whole for some patches in it: a call costs as much as copying four patches. */
const nearPatches = 8;

/**
 * The header: "TNPATCH1", u32 side in pixels, u32 number of patches (little endian), zeros up to 32 bytes.
 * After it stand the patches u8 [count, 64, 64], then the labels u32 [count].
 */
export function encodeHeader(count: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(headerSizeBytes);
  bytes.set(new TextEncoder().encode(magicText));
  const view = new DataView(bytes.buffer);
  view.setUint32(8, patchSidePixels, true);
  view.setUint32(12, count, true);
  return bytes;
}

/**
 * A set of 64 × 64 grey patches with a label each, read at random out of a file, so that memory holds the labels and
 * what was asked for and no more.
 */
export class PackedPatches {
  readonly sizePixels = patchSidePixels;
  readonly path: string;
  readonly labels: Uint32Array;
  /** Read by position in one call: seeking and reading apart take one and a half times as long. */
  readonly #file: number;
  readonly #stretch = new Uint8Array(nearPatches * patchSizeBytes);

  private constructor(path: string, file: number, labels: Uint32Array) {
    this.path = path;
    this.#file = file;
    this.labels = labels;
  }

  /** Number of patches. */
  get count(): number {
    return this.labels.length;
  }

  /**
   * Opens a file that PackedPatchesWriter wrote.
   * @throws {DataError} when the file is missing, is no packed patch set, or is shorter or longer than its header says
   */
  // deno-lint-ignore require-await
  static async open(path: string): Promise<PackedPatches> {
    let file: number;
    try {
      file = openSync(path, "r");
    } catch (error) {
      throw unreadable(path, (error as Error).message, "a packed patch set");
    }
    try {
      const count = readCount(file, path);
      const labels = new Uint32Array(count);
      const start = headerSizeBytes + count * patchSizeBytes;
      readFully(file, new Uint8Array(labels.buffer), start, path);
      return new PackedPatches(path, file, labels);
    } catch (error) {
      closeSync(file);
      throw error;
    }
  }

  /**
   * Reads patches in the order of `indices` as u8 [indices.length, 64, 64], into `into` when given (a view on its
   * beginning is returned). What lies next to or near each other in the file is read in one go: the patches of a point
   * are neighbours in the published sets.
   * @throws {DataError} when an index is outside 0 … count−1 or `into` is too short
   */
  read(indices: ArrayLike<number>, into?: Uint8Array): Uint8Array {
    const sizeBytes = indices.length * patchSizeBytes;
    const target = into ?? new Uint8Array(sizeBytes);
    if (target.length < sizeBytes) {
      throw unreadable(
        this.path,
        `room for ${target.length} bytes`,
        `${sizeBytes} bytes`,
      );
    }
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i];
      if (!(Number.isInteger(index) && index >= 0 && index < this.count)) {
        throw unreadable(
          this.path,
          `patch index ${index}`,
          `0 to ${this.count - 1}`,
        );
      }
    }
    for (let start = 0; start < indices.length;) {
      const first = indices[start];
      let end = start + 1;
      while (end < indices.length && indices[end] === first + end - start) {
        end++;
      }
      if (end - start === 1) end = this.#readNear(indices, start, target);
      else {
        const run = target.subarray(
          start * patchSizeBytes,
          end * patchSizeBytes,
        );
        readAt(this.#file, run, first, this.path);
      }
      start = end;
    }
    return target.subarray(0, sizeBytes);
  }

  /** Reads the patches from `start` on that lie near each other through one stretch of the file; returns where they end. */
  #readNear(
    indices: ArrayLike<number>,
    start: number,
    target: Uint8Array,
  ): number {
    let lowest = indices[start];
    let highest = lowest;
    let end = start + 1;
    for (; end < indices.length; end++) {
      const low = Math.min(lowest, indices[end]);
      const high = Math.max(highest, indices[end]);
      if (high - low >= nearPatches) break;
      lowest = low;
      highest = high;
    }
    if (end - start === 1) {
      const place = start * patchSizeBytes;
      const patch = target.subarray(place, place + patchSizeBytes);
      readAt(this.#file, patch, lowest, this.path);
      return end;
    }
    const stretch = this.#stretch.subarray(
      0,
      (highest - lowest + 1) * patchSizeBytes,
    );
    readAt(this.#file, stretch, lowest, this.path);
    for (let row = start; row < end; row++) {
      const from = (indices[row] - lowest) * patchSizeBytes;
      target.set(
        stretch.subarray(from, from + patchSizeBytes),
        row * patchSizeBytes,
      );
    }
    return end;
  }

  /** Closes the file. */
  [Symbol.dispose]() {
    closeSync(this.#file);
  }
}

function readCount(file: number, path: string): number {
  const header = new Uint8Array(headerSizeBytes);
  const stat = fstatSync(file);
  if (!stat.isFile()) {
    throw unreadable(
      path,
      "something that is not a file",
      "a packed patch set",
    );
  }
  if (stat.size < headerSizeBytes) {
    throw unreadable(path, `${stat.size} bytes`, "a packed patch set");
  }
  readFully(file, header, 0, path);
  const view = new DataView(header.buffer);
  const count = view.getUint32(12, true);
  if (encodeHeader(count).some((byte, i) => byte !== header[i])) {
    throw unreadable(path, "another kind of file", "a packed patch set");
  }
  const wanted = headerSizeBytes + count * (patchSizeBytes + 4);
  if (stat.size !== wanted) {
    throw unreadable(
      path,
      `${stat.size} bytes`,
      `${wanted} bytes for ${count} patches`,
    );
  }
  return count;
}

/** Fills `target` with the patches from number `first` on. */
function readAt(
  file: number,
  target: Uint8Array,
  first: number,
  path: string,
) {
  const start = headerSizeBytes + first * patchSizeBytes;
  readFully(file, target, start, path);
}

function readFully(
  file: number,
  target: Uint8Array,
  start: number,
  path: string,
) {
  for (let offset = 0; offset < target.length;) {
    const length = target.length - offset;
    const got = readSync(file, target, offset, length, start + offset);
    if (got === 0) {
      throw unreadable(path, "the end of the file too early", "whole patches");
    }
    offset += got;
  }
}

function unreadable(path: string, found: string, wanted: string): DataError {
  return new DataError({
    attempt: "read packed patches",
    where: path,
    found,
    wanted,
    remedy: "run the download stage again",
  });
}
