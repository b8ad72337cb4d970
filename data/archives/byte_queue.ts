/** Reads exact lengths out of a stream of pieces, with one piece in memory. */
export class ByteQueue {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #piece: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** Up to `most` bytes as they come; undefined at the end. */
  async next(most: number): Promise<Uint8Array | undefined> {
    while (this.#at === this.#piece.length) {
      const result = await this.#pieces.next();
      if (result.done) return undefined;
      this.#piece = result.value;
      this.#at = 0;
    }
    const end = Math.min(this.#piece.length, this.#at + most);
    const bytes = this.#piece.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  /** Exactly `length` bytes; undefined when the stream ends before. */
  async exactly(length: number): Promise<Uint8Array | undefined> {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const piece = await this.next(length - done);
      if (piece === undefined) return undefined;
      bytes.set(piece, done);
      done += piece.length;
    }
    return bytes;
  }

  /** Passes over `length` bytes. @returns whether they were there */
  async skip(length: number): Promise<boolean> {
    for (let done = 0; done < length;) {
      const piece = await this.next(length - done);
      if (piece === undefined) return false;
      done += piece.length;
    }
    return true;
  }

  /** Stops reading. */
  async close(): Promise<void> {
    await this.#pieces.return?.();
  }
}
