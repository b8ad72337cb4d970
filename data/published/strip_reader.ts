import { readSequencePatches } from "./hpatches.ts";
import { WorkerPool } from "../worker_pool.ts";

/** Where a strip lies in a folder of the HPatches release layout. */
export interface StripPlace {
  directory: string;
  sequence: string;
  /** as `patchTypes` has them */
  type: string;
}

/** The patches of a strip: u8 [count, 65, 65]. */
export type Strip = Awaited<ReturnType<typeof readSequencePatches>>;

/** Reads strips on other cores, several at once; with no worker, on this one. */
export class StripReader implements Disposable {
  readonly #pool: WorkerPool<StripPlace, Strip>;

  /** @param workers threads that read; 0 reads here */
  constructor(workers: number) {
    this.#pool = new WorkerPool(
      new URL("./strip_worker.ts", import.meta.url),
      workers,
      "reads strips",
    );
  }

  /**
   * Reads one strip.
   *
   * @throws {DataError} as {@linkcode readSequencePatches} does
   */
  read(place: StripPlace): Promise<Strip> {
    const { directory, sequence, type } = place;
    return this.#pool.size === 0
      ? readSequencePatches(directory, sequence, type)
      : this.#pool.do(place);
  }

  [Symbol.dispose](): void {
    this.#pool[Symbol.dispose]();
  }
}
