import type { BatchSampler, PatchBatch } from "./batch_sampler.ts";
import { type PackedPatches, patchSizeBytes } from "./packed_patches.ts";

/** A batch together with its patches. */
export interface LoadedBatch extends PatchBatch {
  /** u8 [rows, 64, 64]; overwritten when the next batch is prepared or taken */
  patches: Uint8Array;
}

/** What loading has cost so far. */
export interface LoadingTimes {
  /** batches taken */
  batches: number;
  /** time spent on drawing and reading batches, in milliseconds */
  loadedMs: number;
  /** the part of it that {@linkcode BatchLoader.take} had to spend, because the batch had not been prepared */
  waitedMs: number;
}

/**
 * Delivers training batches, one ahead: `prepare` draws and reads the next batch while the GPU is busy with the step before, and
 * `take` hands it over. A batch is a pure function of (seed, epoch, step) in either case, prepared or not.
 */
export class BatchLoader {
  readonly #patches: PackedPatches;
  readonly #sampler: BatchSampler;
  readonly #room: Uint8Array;
  #ready: { epoch: number; step: number; batch: LoadedBatch } | undefined;
  #times: LoadingTimes = { batches: 0, loadedMs: 0, waitedMs: 0 };

  /**
   * @param patches the set that the batches are read from
   * @param sampler draws them from the same set's labels
   */
  constructor(patches: PackedPatches, sampler: BatchSampler) {
    this.#patches = patches;
    this.#sampler = sampler;
    const rows = sampler.batchSize * Math.max(2, sampler.positives);
    this.#room = new Uint8Array(rows * patchSizeBytes);
  }

  /** What loading has cost since the loader was made. */
  get times(): LoadingTimes {
    return { ...this.#times };
  }

  /**
   * Loads the batch of a step, so that `take` finds it ready. The patches of the batch taken before must not be needed any more.
   * @throws {DataError} when the set's file cannot be read
   */
  prepare(epoch: number, step: number): void {
    const startMs = performance.now();
    this.#ready = undefined;
    const drawn = this.#sampler.batch(epoch, step);
    const patches = this.#patches.read(drawn.patchIndices, this.#room);
    this.#ready = { epoch, step, batch: { ...drawn, patches } };
    this.#times.loadedMs += performance.now() - startMs;
  }

  /**
   * The batch of a step: the prepared one, or, if another or none was prepared, loaded now.
   * @throws {DataError} when the set's file cannot be read
   */
  take(epoch: number, step: number): LoadedBatch {
    const isReady = this.#ready?.epoch === epoch && this.#ready.step === step;
    if (!isReady) {
      const before = this.#times.loadedMs;
      this.prepare(epoch, step);
      this.#times.waitedMs += this.#times.loadedMs - before;
    }
    const { batch } = this.#ready!;
    this.#ready = undefined;
    this.#times.batches++;
    return batch;
  }
}
