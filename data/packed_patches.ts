import { DataError } from "./errors.ts";

/** Side of a packed patch. */
export const PATCH_SIDE_PIXELS = 64;
/** Size of one packed patch: 64 × 64 grey values of one byte. */
export const PATCH_SIZE_BYTES = PATCH_SIDE_PIXELS * PATCH_SIDE_PIXELS;
/** Size of the header before the first patch. */
export const HEADER_SIZE_BYTES = 32;

const MAGIC = "TNPATCH1";

/**
 * The header: "TNPATCH1", u32 side in pixels, u32 number of patches (little endian), zeros up to 32 bytes.
 * After it stand the patches u8 [count, 64, 64], then the labels u32 [count].
 */
export function encodeHeader(count: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_SIZE_BYTES);
  bytes.set(new TextEncoder().encode(MAGIC));
  const view = new DataView(bytes.buffer);
  view.setUint32(8, PATCH_SIDE_PIXELS, true);
  view.setUint32(12, count, true);
  return bytes;
}

/**
 * A set of 64 × 64 grey patches with a label each, read at random out of a file, so that memory holds the labels and
 * what was asked for and no more.
 */
export class PackedPatches {
  readonly sizePixels = PATCH_SIDE_PIXELS;
  readonly path: string;
  readonly labels: Uint32Array;
  readonly #file: Deno.FsFile;

  private constructor(path: string, file: Deno.FsFile, labels: Uint32Array) {
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
   * @throws DataError when the file is missing, is no packed patch set, or is shorter or longer than its header says
   */
  static async open(path: string): Promise<PackedPatches> {
    let file: Deno.FsFile;
    try {
      file = await Deno.open(path);
    } catch (error) {
      throw unreadable(path, (error as Error).message, "a packed patch set");
    }
    try {
      const count = readCount(file, path);
      const labels = new Uint32Array(count);
      file.seekSync(
        HEADER_SIZE_BYTES + count * PATCH_SIZE_BYTES,
        Deno.SeekMode.Start,
      );
      readFully(file, new Uint8Array(labels.buffer), path);
      return new PackedPatches(path, file, labels);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /**
   * Reads patches in the order of `indices` as u8 [indices.length, 64, 64], into `into` when given (a view on its
   * beginning is returned). Neighbours in the file are read in one go.
   * @throws DataError when an index is outside 0 … count−1 or `into` is too short
   */
  read(indices: ArrayLike<number>, into?: Uint8Array): Uint8Array {
    const sizeBytes = indices.length * PATCH_SIZE_BYTES;
    const target = into ?? new Uint8Array(sizeBytes);
    if (target.length < sizeBytes) {
      throw unreadable(
        this.path,
        `room for ${target.length} bytes`,
        `${sizeBytes} bytes`,
      );
    }
    for (let start = 0; start < indices.length;) {
      const first = indices[start];
      let end = start + 1;
      while (end < indices.length && indices[end] === first + end - start) {
        end++;
      }
      const last = first + end - start - 1;
      if (!(Number.isInteger(first) && first >= 0 && last < this.count)) {
        throw unreadable(
          this.path,
          `patch index ${first >= 0 && Number.isInteger(first) ? last : first}`,
          `0 to ${this.count - 1}`,
        );
      }
      this.#file.seekSync(
        HEADER_SIZE_BYTES + first * PATCH_SIZE_BYTES,
        Deno.SeekMode.Start,
      );
      readFully(
        this.#file,
        target.subarray(start * PATCH_SIZE_BYTES, end * PATCH_SIZE_BYTES),
        this.path,
      );
      start = end;
    }
    return target.subarray(0, sizeBytes);
  }

  /** Closes the file. */
  [Symbol.dispose]() {
    this.#file.close();
  }
}

function readCount(file: Deno.FsFile, path: string): number {
  const header = new Uint8Array(HEADER_SIZE_BYTES);
  const stat = file.statSync();
  if (!stat.isFile) {
    throw unreadable(
      path,
      "something that is not a file",
      "a packed patch set",
    );
  }
  if (stat.size < HEADER_SIZE_BYTES) {
    throw unreadable(path, `${stat.size} bytes`, "a packed patch set");
  }
  readFully(file, header, path);
  const view = new DataView(header.buffer);
  const count = view.getUint32(12, true);
  if (encodeHeader(count).some((byte, i) => byte !== header[i])) {
    throw unreadable(path, "another kind of file", "a packed patch set");
  }
  const wanted = HEADER_SIZE_BYTES + count * (PATCH_SIZE_BYTES + 4);
  if (stat.size !== wanted) {
    throw unreadable(
      path,
      `${stat.size} bytes`,
      `${wanted} bytes for ${count} patches`,
    );
  }
  return count;
}

function readFully(file: Deno.FsFile, target: Uint8Array, path: string) {
  for (let offset = 0; offset < target.length;) {
    const got = file.readSync(target.subarray(offset));
    if (got === null) {
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
