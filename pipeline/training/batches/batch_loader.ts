import { WorkerPool } from "../../../data/worker_pool.ts";
import type { BatchRequest, BatchTask, DrawnBatch } from "./batch_request.ts";

/** What loading has cost so far. */
export interface LoadingTimes {
  /** batches taken */
  batches: number;
  /** what the thread spent on drawing and reading them, in milliseconds */
  loadedMs: number;
  /** what {@linkcode BatchLoader.take} waited for them, in milliseconds */
  waitedMs: number;
}

/**
 * Delivers training batches out of a set of packed patches, one ahead: `prepare` lets a thread of the loader's own draw the batch,
 * read its patches and draw what they undergo, while the GPU is busy with the step before, and `take` hands it over.
 * A batch is a pure function of what is asked for in either case, prepared or not.
 */
export class BatchLoader implements Disposable {
  readonly #pool: WorkerPool<BatchTask, DrawnBatch | undefined>;
  #ready: { name: string; batch: Promise<DrawnBatch | undefined> } | undefined;
  /** The memory of the batch taken last, for the thread to fill again: a batch of the authors' size is 31 MB. */
  #room: ArrayBuffer | undefined;
  readonly #times: LoadingTimes = { batches: 0, loadedMs: 0, waitedMs: 0 };

  private constructor() {
    this.#pool = new WorkerPool(
      new URL("./batch_worker.ts", import.meta.url),
      1,
      "loads training batches",
    );
  }

  /**
   * Starts a loader's thread, which opens the set's file.
   *
   * @param path a file that `PackedPatchesWriter` wrote
   * @throws {DataError} when the file is missing, is no packed patch set, or is shorter or longer than its header says
   */
  static async open(path: string): Promise<BatchLoader> {
    using owned = new DisposableStack();
    const loader = owned.use(new BatchLoader());
    await loader.#pool.do({ path });
    owned.move();
    return loader;
  }

  /** What loading has cost since the loader was made. */
  get times(): LoadingTimes {
    return { ...this.#times };
  }

  /**
   * Lets the thread load a batch, so that `take` finds it ready. The patches of the batch taken before must not be needed any
   * more: they are gone.
   */
  prepare(request: BatchRequest): void {
    const room = this.#room;
    this.#room = undefined;
    const batch = room === undefined
      ? this.#pool.do({ request })
      : this.#pool.do({ request, room }, [room]);
    // Whoever takes it hears of it.
    batch.catch(() => {});
    this.#ready = { name: nameOf(request), batch };
  }

  /**
   * The batch that is asked for: the prepared one, or, if another or none was prepared, loaded now.
   *
   * @throws {DataError} when the set has fewer labels than the batch wants, or its file cannot be read
   */
  async take(request: BatchRequest): Promise<Omit<DrawnBatch, "loadedMs">> {
    const startMs = performance.now();
    if (this.#ready?.name !== nameOf(request)) this.prepare(request);
    const { batch } = this.#ready!;
    this.#ready = undefined;
    const { loadedMs, ...taken } = (await batch)!;
    this.#room = taken.patches.buffer;
    this.#times.batches++;
    this.#times.loadedMs += loadedMs;
    this.#times.waitedMs += performance.now() - startMs;
    return taken;
  }

  /** Ends the thread, whatever it is doing. */
  [Symbol.dispose](): void {
    this.#pool[Symbol.dispose]();
  }
}

function nameOf(request: BatchRequest): string {
  return JSON.stringify(request);
}
