/**
 * The cache directory: results by stage key, files by content, partial work, and nothing that cannot be made again.
 *
 * ```
 * .cache/objects/ab/<sha-256>         output files by content            (object_store.ts)
 *        actions/ab/<stage key>.json  one record per computed stage, written last
 *        latest/<config>/<stage>.json the key a config used last, to tell what changed since
 *        runs/<folder>.json           what was put into a run folder     (run_directory.ts)
 *        scratch/<stage key>/         partial work of a stage that has not finished
 *        downloads/                   archives fetched from elsewhere, for any stage; whole ones and parts
 *        work/<stage key>/            outputs of a stage that is running; removed when it ends, at the latest by the next run
 *        index/*.json                 digests of untouched files
 *        quarantine/                  objects whose bytes were not what their name says
 *        tiles/<key>.json             the fastest cut of the kernels on an adapter (tile_file.ts)
 *        locks/                       what running processes hold: run folders, stages, the GPU; and who they are
 *        lock                         shared while something is written here, held alone while results are collected or
 *                                     what killed processes left half-written is removed
 * ```
 *
 * Any number of processes work on a store at once; what two of them want is computed by one while the other waits.
 *
 * @module
 */
import { dirname, join, resolve } from "@std/path";
import type { ActionRecord, OutputFile } from "./action_record.ts";
import { type SourceFacts, sourceFactsVersion } from "../code/code_facts.ts";
import type { Config } from "../config.ts";
import { withFileErrors } from "../files/file_errors.ts";
import { FileIndex } from "../files/file_index.ts";
import { sha256 } from "../files/hash.ts";
import { refuseLink } from "../files/links.ts";
import { isAbsent, removeTree } from "../files/file_tree.ts";
import { acquireMoment, hostName, type MomentOptions } from "./lock.ts";
import { ObjectStore } from "./object_store.ts";
import { checkedRecord } from "./record_check.ts";
import { readSealedJson, writeSealedJson } from "../files/sealed_json.ts";
import {
  refuseLinkElsewhere,
  refuseStrangers,
  writeTag,
} from "./store_place.ts";

/** Where the store lies unless told otherwise: in the working directory. */
export const defaultStoreDirectory = ".cache";

const attempt = "use the store";

/** A store on disk; creating one touches nothing. */
export class Store {
  readonly root: string;
  readonly objects: ObjectStore;
  /** facts of source files */
  readonly sources: FileIndex<SourceFacts>;
  /** content digests of files outside the store */
  readonly contents: FileIndex<string>;
  /** sizes of image files outside the store that can be read */
  readonly imageSizes: FileIndex<{ width: number; height: number }>;

  constructor(root = defaultStoreDirectory) {
    this.root = resolve(root);
    this.objects = new ObjectStore(
      join(this.root, "objects"),
      join(this.root, "quarantine"),
    );
    this.sources = new FileIndex(
      join(this.root, "index", "sources.json"),
      sourceFactsVersion,
    );
    const index = (name: string) => join(this.root, "index", `${name}.json`);
    this.contents = new FileIndex(index("contents"), 1);
    this.imageSizes = new FileIndex(index("image_sizes"), 1);
  }

  /** Guards what the store holds. */
  get lockPath(): string {
    return join(this.root, "lock");
  }

  /** Guards the computation of one stage. */
  stageLockPath(key: string): string {
    return join(this.locksDirectory, `stage-${key}`);
  }

  /** Guards this machine's GPU. */
  get gpuLockPath(): string {
    const host = encodeURIComponent(hostName());
    return join(this.locksDirectory, `gpu-${host}`);
  }

  /** Guards a run folder; its holder's note names the stage keys that it needs. */
  runLockPath(runDirectory: string): string {
    return join(this.locksDirectory, `run-${runId(runDirectory)}`);
  }

  get locksDirectory(): string {
    return join(this.root, "locks");
  }

  get scratchDirectory(): string {
    return join(this.root, "scratch");
  }

  get downloadsDirectory(): string {
    return join(this.root, "downloads");
  }

  get tilesDirectory(): string {
    return join(this.root, "tiles");
  }

  get workDirectory(): string {
    return join(this.root, "work");
  }

  /**
   * Keeps whoever collects or tidies up away while this process writes to the store; for moments, not for hours.
   *
   * @throws {PipelineError} when the lock cannot be opened, or is held for longer than a moment and `wait` is false
   */
  async share(options: MomentOptions): Promise<Disposable> {
    return (await this.#hold(false, options))!;
  }

  /**
   * Keeps every other process from writing to the store, where nothing half-written is anybody's work then.
   *
   * @param options how to wait; absent: does not wait
   * @returns undefined when another process has it and there are no options
   * @throws {PipelineError} as {@linkcode share}
   */
  holdAlone(options?: MomentOptions): Promise<Disposable | undefined> {
    return this.#hold(true, options);
  }

  #hold(
    alone: boolean,
    options?: MomentOptions,
  ): Promise<Disposable | undefined> {
    return withFileErrors(
      "lock the store",
      this.lockPath,
      () => acquireMoment(this.lockPath, alone, options),
    );
  }

  /** Whether anything was ever stored here. */
  exists(): boolean {
    try {
      return Deno.statSync(this.root).isDirectory;
    } catch (error) {
      if (isAbsent(error)) return false;
      throw error;
    }
  }

  /**
   * Refuses a place where no store can be; touches nothing and waits for nobody.
   *
   * @throws {PipelineError} naming what is in the place
   */
  async refuseWrongPlace(): Promise<void> {
    await withFileErrors("make the store", this.root, () => {
      refuseLinkElsewhere(this.root);
      refuseStrangers(this.root);
    });
  }

  /**
   * Makes the directory, with the tag that tells backup programs to leave it out.
   *
   * @param options how to wait for a process that collects garbage
   * @throws {PipelineError} when it cannot be made or written
   */
  async create(options: MomentOptions): Promise<void> {
    await this.refuseWrongPlace();
    await withFileErrors("make the store", this.root, async () => {
      await Deno.mkdir(this.root, { recursive: true });
      using _share = await acquireMoment(this.lockPath, false, options);
      await writeTag(this.root);
    });
  }

  /**
   * Keeps what was learnt about untouched files. Losing it costs time only: a store that cannot be written, or that another
   * process holds alone for longer than a moment, is no error.
   *
   * @param signal ends the waiting for that process
   */
  async saveIndexes(signal = new AbortController().signal): Promise<void> {
    const changed = [this.sources, this.contents, this.imageSizes]
      .filter(({ isChanged }) => isChanged);
    if (changed.length === 0) return;
    try {
      using _share = await this.share({ signal, wait: false });
      for (const index of changed) await index.save();
    } catch {
      // the next command reads the files again
    }
  }

  /** The record of a stage key; undefined when it was never computed or its record is damaged or none. */
  readRecord(key: string): ActionRecord | undefined {
    return checkedRecord(readSealedJson(this.#recordPath(key)), key);
  }

  /** Makes a result known. Every object it names must be in the store already. */
  async writeRecord(record: ActionRecord): Promise<void> {
    const path = this.#recordPath(record.key);
    refuseLink(attempt, dirname(path));
    await withFileErrors(attempt, path, () => writeSealedJson(path, record));
  }

  /** Notes that a result is in use, so that it is not the first to be collected. */
  async noteUse(key: string): Promise<void> {
    const path = this.#recordPath(key);
    const now = new Date();
    await withFileErrors(attempt, path, () => Deno.utime(path, now, now));
  }

  /** What a stage computed, or restored, when this config ran last. */
  readLatest(config: string, stage: string): ActionRecord | undefined {
    const key = readSealedJson(this.#latestPath(config, stage))?.key;
    return typeof key === "string" ? this.readRecord(key) : undefined;
  }

  /** Remembers which key this config used last, and where the config is, so that its results are kept while it is there. */
  async writeLatest(
    config: Pick<Config, "name" | "file">,
    stage: string,
    key: string,
  ): Promise<void> {
    const path = this.#latestPath(config.name, stage);
    const latest = { key, file: resolve(config.file) };
    const known = readSealedJson(path);
    if (known?.key === latest.key && known.file === latest.file) return;
    refuseLink(attempt, dirname(path));
    await withFileErrors(attempt, path, () => writeSealedJson(path, latest));
  }

  /** The first output of a result that cannot be used, as directory entries tell it. */
  async findUnusable(
    outputs: readonly OutputFile[],
  ): Promise<
    { output: OutputFile; state: "missing" | "damaged" } | undefined
  > {
    for (const output of outputs) {
      const state = await this.objects.look(output.digest, output.sizeBytes);
      if (state !== "present") return { output, state };
    }
    return undefined;
  }

  /** Where the state of a run folder is kept. */
  runStatePath(runDirectory: string): string {
    return join(this.root, "runs", `${runId(runDirectory)}.json`);
  }

  /** Makes the folders of a stage that is about to run: an empty output folder, and scratch as the last attempt left it. */
  async openWork(
    key: string,
  ): Promise<
    { work: string; output: string; inputs: string; scratch: string }
  > {
    const work = join(this.workDirectory, key);
    const folders = {
      work,
      output: join(work, "output"),
      inputs: join(work, "inputs"),
      scratch: join(this.scratchDirectory, key),
    };
    refuseLink(attempt, folders.scratch);
    await withFileErrors(attempt, work, async () => {
      await removeTree(work);
      for (const folder of Object.values(folders)) {
        await Deno.mkdir(folder, { recursive: true });
      }
    });
    return folders;
  }

  /** Removes what a running stage leaves behind; scratch only when its work is done. */
  async closeWork(key: string, done: boolean): Promise<void> {
    await removeTree(join(this.workDirectory, key));
    if (done) await removeTree(join(this.scratchDirectory, key));
  }

  #recordPath(key: string): string {
    return join(this.root, "actions", key.slice(0, 2), `${key}.json`);
  }

  #latestPath(config: string, stage: string): string {
    return join(this.root, "latest", config, `${stage}.json`);
  }
}

/** A name for a run folder, wherever it is. */
function runId(runDirectory: string): string {
  return sha256(resolve(runDirectory)).slice(0, 16);
}
