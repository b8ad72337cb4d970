import { DataError } from "../errors.ts";
import {
  encodeHeader,
  headerSizeBytes,
  patchSizeBytes,
} from "./packed_patches.ts";

const bufferedPatches = 256;

/**
 * Writes a packed patch set of unknown length with bounded memory: patches go out in blocks, only the labels are kept.
 * The file appears under its name when `finish` has written all of it, so that no half-written set is ever opened.
 */
export class PackedPatchesWriter {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #block = new Uint8Array(bufferedPatches * patchSizeBytes);
  #labels = new Uint32Array(1024);
  #count = 0;
  #closed = false;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  /**
   * Begins a packed patch set that is to appear at `path`.
   * @throws {DataError} when the folder cannot be written
   */
  static async create(path: string): Promise<PackedPatchesWriter> {
    try {
      const file = await Deno.open(partialPath(path), {
        write: true,
        create: true,
        truncate: true,
      });
      const writer = new PackedPatchesWriter(path, file);
      writer.#write(encodeHeader(0));
      return writer;
    } catch (error) {
      throw new DataError({
        attempt: "write packed patches",
        where: path,
        found: (error as Error).message,
        remedy: "choose a folder that can be written",
      });
    }
  }

  /** Number of patches appended so far. */
  get count(): number {
    return this.#count;
  }

  /**
   * Appends one patch, u8 [64, 64], with its label, an integer in [0, 2³²).
   * @throws {DataError} on another patch size or an impossible label
   */
  append(patch: Uint8Array, label: number) {
    if (patch.length !== patchSizeBytes) {
      throw new DataError({
        attempt: "append a patch",
        where: this.#path,
        found: `${patch.length} bytes`,
        wanted: `${patchSizeBytes} bytes (64 × 64)`,
      });
    }
    if (!Number.isInteger(label) || label < 0 || label > 0xffffffff) {
      throw new DataError({
        attempt: "append a patch",
        where: this.#path,
        found: `label ${label}`,
        wanted: "an integer from 0 to 4294967295",
      });
    }
    if (this.#count === this.#labels.length) {
      const grown = new Uint32Array(2 * this.#labels.length);
      grown.set(this.#labels);
      this.#labels = grown;
    }
    this.#labels[this.#count] = label;
    this.#block.set(patch, (this.#count % bufferedPatches) * patchSizeBytes);
    this.#count++;
    if (this.#count % bufferedPatches === 0) this.#write(this.#block);
  }

  /** Writes what is left, the labels and the header, and gives the file its name. */
  async finish(): Promise<void> {
    this.#write(
      this.#block.subarray(
        0,
        (this.#count % bufferedPatches) * patchSizeBytes,
      ),
    );
    this.#write(new Uint8Array(this.#labels.buffer, 0, this.#count * 4));
    this.#file.seekSync(0, Deno.SeekMode.Start);
    this.#write(encodeHeader(this.#count).subarray(0, headerSizeBytes));
    await this.#file.sync();
    this.#close();
    await Deno.rename(partialPath(this.#path), this.#path);
  }

  #write(bytes: Uint8Array) {
    for (let offset = 0; offset < bytes.length;) {
      offset += this.#file.writeSync(bytes.subarray(offset));
    }
  }

  #close() {
    if (!this.#closed) this.#file.close();
    this.#closed = true;
  }

  /** Closes the file; what `finish` has not completed is removed. */
  [Symbol.dispose]() {
    if (this.#closed) return;
    this.#close();
    Deno.removeSync(partialPath(this.#path));
  }
}

function partialPath(path: string): string {
  return `${path}.partial`;
}
