import { writeDescriptorCsv } from "./descriptor_csv.ts";
import { WorkerPool } from "../worker_pool.ts";

/** A descriptor file to be written. */
export interface DescriptorFile {
  path: string;
  /** [rows, dimension] */
  values: Float32Array<ArrayBuffer>;
  dimension: number;
}

/** Writes descriptor files on other cores, several at once; with no worker, on this one. */
export class DescriptorWriter implements Disposable {
  readonly #pool: WorkerPool<DescriptorFile, void>;

  /** @param workers threads that write; 0 writes here */
  constructor(workers: number) {
    this.#pool = new WorkerPool(
      new URL("./descriptor_writer_worker.ts", import.meta.url),
      workers,
      "writes descriptors",
    );
  }

  /**
   * Writes one file; its values are given away, whole buffer and all.
   *
   * @throws {DataError} as {@linkcode writeDescriptorCsv} does
   */
  async write(file: DescriptorFile): Promise<void> {
    const { path, values, dimension } = file;
    if (this.#pool.size > 0) await this.#pool.do(file, [values.buffer]);
    else await writeDescriptorCsv(path, values, dimension);
  }

  [Symbol.dispose](): void {
    this.#pool[Symbol.dispose]();
  }
}
