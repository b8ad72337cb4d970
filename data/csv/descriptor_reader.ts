import { readDescriptorCsv } from "./descriptor_csv.ts";
import type { DescriptorTable } from "./descriptor_text.ts";
import { WorkerPool } from "../worker_pool.ts";

/**
 * Reads descriptor files on other cores, several at once; with no worker, on this one.
 *
 * Nothing bounds how many files may be asked for ahead: who asks bounds the memory.
 */
export class DescriptorReader implements Disposable {
  readonly #pool: WorkerPool<string, DescriptorTable>;

  /** @param workers threads that read; 0 reads here */
  constructor(workers: number) {
    this.#pool = new WorkerPool(
      new URL("./descriptor_csv_worker.ts", import.meta.url),
      workers,
      "reads descriptors",
    );
  }

  /** Files that keep every thread busy while the caller works: what is worth asking for ahead. */
  get ahead(): number {
    return 16 * this.#pool.size;
  }

  /**
   * Reads one file.
   *
   * @throws {DataError} as {@linkcode readDescriptorCsv} does
   */
  read(path: string): Promise<DescriptorTable> {
    return this.#pool.size === 0
      ? readDescriptorCsv(path)
      : this.#pool.do(path);
  }

  [Symbol.dispose](): void {
    this.#pool[Symbol.dispose]();
  }
}
