/**
 * Results on their way between this machine's store and a cache that several machines share.
 *
 * @module
 */
import { join } from "@std/path";
import type { ActionRecord, OutputFile } from "../store/action_record.ts";
import { withFileErrors } from "../files/file_errors.ts";
import type { Log } from "../log.ts";
import type { Config } from "../config.ts";
import { hasDeclaredOutputs } from "./declared_outputs.ts";
import type { Stage } from "../stage.ts";
import type { SharedCache } from "../store/shared_cache.ts";
import type { Store } from "../store/store.ts";

/** How many objects travel at once. */
const mostTransfers = 8;

/** Takes results from a shared cache and gives results to it; without a cache it does neither. */
export class SharedResults {
  readonly #cache: SharedCache | undefined;
  readonly #store: Store;
  readonly #log: Log;
  /** keys of the results that the cache is known to have */
  readonly #known = new Set<string>();

  constructor(cache: SharedCache | undefined, store: Store, log: Log) {
    this.#cache = cache;
    this.#store = store;
    this.#log = log;
  }

  /** Whether there is a cache to ask. */
  get available(): boolean {
    return this.#cache !== undefined;
  }

  /** Whether this result came from the cache, or was given to it. */
  has(key: string): boolean {
    return this.#known.has(key);
  }

  /**
   * Puts the cache's result for a key into the store: objects first, the record last. Call it with the stage's lock held.
   *
   * What arrived of large objects before an interruption is kept beside the stage's partial work, and gone on with.
   *
   * @returns undefined when the cache does not have it, all of it, with the right bytes
   */
  async take(
    stage: Stage,
    config: Config,
    key: string,
    signal: AbortSignal,
  ): Promise<ActionRecord | undefined> {
    const record = await this.#cache?.getAction(key);
    if (record === undefined) return undefined;
    if (!hasDeclaredOutputs(stage, config, record.outputs)) {
      this.#log.warn(
        `${stage.name}: ${
          this.#cache!.name
        } has a result with files that the stage does not write, or without some that it does; ignored`,
      );
      return undefined;
    }
    const { objects } = this.#store;
    const incoming = join(this.#store.scratchDirectory, key, "incoming");
    await withFileErrors(
      "fetch a shared result",
      incoming,
      () => Deno.mkdir(incoming, { recursive: true }),
    );
    const wanted: OutputFile[] = [];
    for (const output of distinct(record.outputs)) {
      const state = await objects.look(output.digest, output.sizeBytes);
      if (state !== "present") wanted.push(output);
    }
    const arrived = await this.#transfer(
      `${stage.name}: fetching`,
      wanted,
      (output) =>
        this.#cache!.fetchObject(output, join(incoming, output.digest)),
    );
    if (!arrived) {
      this.#log.warn(
        `${stage.name}: ${
          this.#cache!.name
        } has the result, but not all of its files; it counts as missing`,
      );
      return undefined;
    }
    // Whoever collects garbage meanwhile must not take an object that no record names yet.
    using _share = await this.#store.share({ signal, log: this.#log });
    for (const { digest } of wanted) await objects.take(join(incoming, digest));
    await objects.sync();
    if (await this.#store.findUnusable(record.outputs)) return undefined;
    await this.#store.writeRecord(record);
    await this.#store.closeWork(key, true);
    this.#known.add(key);
    this.#log.info(`${stage.name}: fetched from ${this.#cache!.name}`);
    return record;
  }

  /**
   * Gives a result to the cache, if that is wanted and the cache does not have it: objects first, the record last.
   *
   * @param computed whether it was computed just now, so that the cache need not be asked
   */
  async offer(
    stage: string,
    record: ActionRecord,
    computed: boolean,
  ): Promise<void> {
    const { key, outputs } = record;
    if (!this.#cache?.writable || this.has(key)) return;
    if (computed || await this.#cache.getAction(key) === undefined) {
      const arrived = await this.#transfer(
        `${stage}: sharing`,
        distinct(outputs),
        (output) =>
          this.#cache!.putObject(
            output,
            this.#store.objects.path(output.digest),
          ),
      );
      if (!arrived) return;
      await this.#cache.putAction(record);
      // A cache that refused the record says so itself, and takes no more.
      if (!this.#cache.writable) return;
      this.#log.info(`${stage}: shared through ${this.#cache.name}`);
    }
    this.#known.add(key);
  }

  /** Moves some objects at a time. @returns whether all of them arrived; the first that does not stops the rest */
  async #transfer(
    label: string,
    outputs: readonly OutputFile[],
    move: (output: OutputFile) => Promise<boolean>,
  ): Promise<boolean> {
    const progress = this.#log.progress(label, outputs.length, "files");
    const waiting = [...outputs];
    let done = 0;
    let stopped = false;
    const work = async () => {
      while (!stopped && waiting.length > 0) {
        try {
          if (await move(waiting.shift()!)) progress.update(++done);
          else stopped = true;
        } catch (error) {
          stopped = true;
          throw error;
        }
      }
    };
    // All have ended before this returns: the stage's lock is given back then, and another process may take up their files.
    const ended = await Promise.allSettled(
      Array.from({ length: mostTransfers }, work),
    );
    progress.finish();
    for (const end of ended) if (end.status === "rejected") throw end.reason;
    return !stopped;
  }
}

/** One output of each content. */
function distinct(outputs: readonly OutputFile[]): OutputFile[] {
  return [
    ...new Map(outputs.map((output) => [output.digest, output])).values(),
  ];
}
