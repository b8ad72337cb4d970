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
 *        lock                         shared while results are stored or restored, held alone while they are collected
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
import { PipelineError } from "../errors.ts";
import { withFileErrors } from "../files/file_errors.ts";
import { FileIndex } from "../files/file_index.ts";
import { sha256 } from "../files/hash.ts";
import { refuseFile, refuseLink } from "../files/links.ts";
import { replaceFile } from "../files/write_file.ts";
import { isAbsent, removeTree } from "../files/file_tree.ts";
import { acquireMoment, hostName, type MomentOptions } from "./lock.ts";
import { ObjectStore } from "./object_store.ts";
import { checkedRecord } from "./record_check.ts";
import { readSealedJson, writeSealedJson } from "../files/sealed_json.ts";

/** Where the store lies unless told otherwise: in the working directory. */
export const defaultStoreDirectory = ".cache";

const attempt = "use the store";

/** The store's own folders, and its own files. */
const ownFolders = [
  "actions",
  "downloads",
  "index",
  "latest",
  "locks",
  "objects",
  "quarantine",
  "runs",
  "scratch",
  "tiles",
  "work",
];
const ownFiles = ["CACHEDIR.TAG", "lock"];

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

  /** Keeps results from being collected while this process stores or restores one; for moments, not for hours. */
  async share(options: MomentOptions): Promise<Disposable> {
    return (await acquireMoment(this.lockPath, false, options))!;
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
   * Makes the directory, with the tag that tells backup programs to leave it out.
   *
   * @throws {PipelineError} when it cannot be made or written
   */
  async create(): Promise<void> {
    await withFileErrors("make the store", this.root, async () => {
      this.#refuseLinkElsewhere();
      await Deno.mkdir(this.root, { recursive: true });
      this.refuseStrangers();
      await replaceFile(
        join(this.root, "CACHEDIR.TAG"),
        "Signature: 8a477f597d28d172789f06886806bc55\n# Results of pipeline stages; deleting this folder loses computing time only.\n",
      );
    });
  }

  /** A link may stand for the store where its target may be written to: of that Deno knows only what it was told. */
  #refuseLinkElsewhere(): void {
    let target: string;
    try {
      if (!Deno.lstatSync(this.root).isSymlink) return;
      target = Deno.realPathSync(this.root);
    } catch (error) {
      if (isAbsent(error)) return;
      throw error;
    }
    const asked = { name: "write", path: target } as const;
    if (Deno.permissions.querySync(asked).state === "granted") return;
    throw new PipelineError({
      attempt: "make the store",
      where: this.root,
      found: `a symbolic link to ${target}, where Deno permits nothing`,
      wanted: "a folder, or --cache",
      remedy: `remove the link and add --cache ${target}`,
    });
  }

  /**
   * Refuses links in place of the store's own folders and files, and files in place of its folders; the store itself may be a link.
   *
   * @throws {PipelineError} naming what is in the place
   */
  refuseStrangers(): void {
    for (const name of [...ownFolders, ...ownFiles]) {
      refuseLink(attempt, join(this.root, name));
    }
    for (const name of ownFolders) {
      refuseFile(attempt, join(this.root, name));
    }
  }

  /** Keeps what was learnt about untouched files. */
  async saveIndexes(): Promise<void> {
    await this.sources.save();
    await this.contents.save();
    await this.imageSizes.save();
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
