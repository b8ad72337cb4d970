import { readDescriptorCsv } from "./descriptor_csv.ts";
import type { ReadAnswer } from "./descriptor_csv_worker.ts";
import type { DescriptorTable } from "./descriptor_text.ts";
import { DataError } from "../errors.ts";

/** A worker with what it still owes, oldest first. */
interface Reader {
  worker: Worker;
  waiting: {
    resolve: (table: DescriptorTable) => void;
    reject: (error: unknown) => void;
  }[];
}

/**
 * Reads descriptor files on other cores, several at once; with no worker, on this one.
 *
 * Nothing bounds how many files may be asked for ahead: who asks bounds the memory.
 */
export class DescriptorReader implements Disposable {
  readonly #readers: Reader[];

  /** @param workers threads that read; 0 reads here */
  constructor(workers: number) {
    this.#readers = Array.from({ length: workers }, startReader);
  }

  /** Files that keep every thread busy while the caller works: what is worth asking for ahead. */
  get ahead(): number {
    return 16 * this.#readers.length;
  }

  /**
   * Reads one file.
   *
   * @throws {DataError} as {@linkcode readDescriptorCsv} does
   */
  read(path: string): Promise<DescriptorTable> {
    if (this.#readers.length === 0) return readDescriptorCsv(path);
    const { worker, waiting } = this.#readers.reduce((least, reader) =>
      reader.waiting.length < least.waiting.length ? reader : least
    );
    return new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      worker.postMessage(path);
    });
  }

  [Symbol.dispose](): void {
    for (const { worker } of this.#readers) worker.terminate();
    this.#readers.length = 0;
  }
}

function startReader(): Reader {
  const worker = new Worker(
    new URL("./descriptor_csv_worker.ts", import.meta.url),
    { type: "module" },
  );
  const reader: Reader = { worker, waiting: [] };
  worker.onmessage = ({ data }: MessageEvent<ReadAnswer>) => {
    const { resolve, reject } = reader.waiting.shift()!;
    if ("table" in data) resolve(data.table);
    else if ("fault" in data) reject(new DataError(data.fault));
    else reject(new Error(`a worker that reads descriptors: ${data.bug}`));
  };
  worker.onerror = (event) => {
    event.preventDefault();
    const error = new Error(
      `a worker that reads descriptors: ${event.message}`,
    );
    for (const { reject } of reader.waiting.splice(0)) reject(error);
  };
  return reader;
}
