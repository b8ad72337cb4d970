import { DataError, fileFault } from "../errors.ts";

/** Small pieces are gathered up to this many bytes. */
const gatheredBytes = 1 << 18;

/**
 * A file that grows beside its place, in bounded memory, and takes its name when it is finished: a reader never meets half of it. Disposing
 * of it before removes it; what a killed process left is written over by the next one.
 */
export class StreamedFile implements Disposable {
  readonly #path: string;
  readonly #partial: string;
  readonly #attempt: string;
  readonly #gathered = new Uint8Array(gatheredBytes);
  #file: Deno.FsFile | undefined;
  /** whether the file beside its place is there */
  #hasPartial = true;
  #gatheredCount = 0;
  #size = 0;

  /**
   * @param attempt what to call it in an error: "write the matches"
   * @throws {DataError} when the place cannot be written
   */
  constructor(path: string, attempt: string) {
    this.#path = path;
    this.#partial = `${path}.partial`;
    this.#attempt = attempt;
    this.#file = this.#try(() =>
      Deno.openSync(this.#partial, {
        write: true,
        create: true,
        truncate: true,
      })
    );
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#size;
  }

  /** Appends bytes. @throws {DataError} when the place cannot be written */
  write(bytes: Uint8Array): void {
    this.#size += bytes.length;
    if (this.#gatheredCount + bytes.length > gatheredBytes) {
      this.#flush();
      if (bytes.length > gatheredBytes) return this.#put(bytes);
    }
    this.#gathered.set(bytes, this.#gatheredCount);
    this.#gatheredCount += bytes.length;
  }

  /** Appends a text as UTF-8. @throws {DataError} when the place cannot be written */
  writeText(text: string): void {
    this.write(new TextEncoder().encode(text));
  }

  /** Puts the bytes on the disk and gives the file its name. @param start replaces the first bytes */
  finish(start?: Uint8Array): void {
    this.#flush();
    this.#try(() => {
      if (start !== undefined) {
        this.#file!.seekSync(0, Deno.SeekMode.Start);
        this.#put(start);
      }
      this.#file!.syncDataSync();
      this.#close();
      Deno.renameSync(this.#partial, this.#path);
      this.#hasPartial = false;
    });
  }

  [Symbol.dispose](): void {
    this.#close();
    if (!this.#hasPartial) return;
    this.#hasPartial = false;
    Deno.removeSync(this.#partial);
  }

  #close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #flush(): void {
    this.#put(this.#gathered.subarray(0, this.#gatheredCount));
    this.#gatheredCount = 0;
  }

  #put(bytes: Uint8Array): void {
    this.#try(() => {
      for (let done = 0; done < bytes.length;) {
        done += this.#file!.writeSync(bytes.subarray(done));
      }
    });
  }

  #try<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (error instanceof DataError) throw error;
      throw new DataError({
        attempt: this.#attempt,
        where: this.#path,
        found: fileFault(error),
        wanted: "a folder that can be written, with room for the file",
        remedy: "create the folder, free space or choose another place",
      });
    }
  }
}
