/** A file that is read at any place. */
export class RandomAccessFile implements Disposable {
  readonly sizeBytes: number;
  readonly #file: Deno.FsFile;
  #closed = false;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
    this.sizeBytes = file.statSync().size;
  }

  /** @throws what `Deno.openSync` throws */
  static open(path: string): RandomAccessFile {
    return new RandomAccessFile(Deno.openSync(path));
  }

  /**
   * `length` bytes from `offset` on.
   * @throws {RangeError} when the file ends before
   */
  readAt(offset: number, length: number): Uint8Array {
    if (offset < 0 || length < 0 || offset + length > this.sizeBytes) {
      throw new RangeError(`bytes ${offset} to ${offset + length} of a file`);
    }
    const bytes = new Uint8Array(length);
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    for (let done = 0; done < length;) {
      const count = this.#file.readSync(bytes.subarray(done));
      if (count === null) {
        throw new RangeError("a file that became shorter while it was read");
      }
      done += count;
    }
    return bytes;
  }

  /** The bytes from `offset` on, in pieces. */
  *pieces(
    offset: number,
    length: number,
    pieceBytes = 65_536,
  ): Generator<Uint8Array> {
    for (let done = 0; done < length; done += pieceBytes) {
      yield this.readAt(offset + done, Math.min(pieceBytes, length - done));
    }
  }

  [Symbol.dispose](): void {
    if (!this.#closed) this.#file.close();
    this.#closed = true;
  }
}
