/**
 * The folder where a user finds results: `runs/<name>/<stage>/…`, copies of stored objects.
 *
 * @module
 */
import { dirname, join, resolve } from "@std/path";
import type { OutputFile } from "../store/action_record.ts";
import { withFileErrors } from "../files/file_errors.ts";
import { fileStamp } from "../files/file_index.ts";
import { sha256File } from "../files/hash.ts";
import { isAbsent, removeTree } from "../files/file_tree.ts";
import { refuseFolder, refuseLink } from "../files/links.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { readSealedJson, writeSealedJson } from "../files/sealed_json.ts";

/** What was put there: `<stage>/<path>` → digest of the bytes and the file's stamp right after. */
type PlacedFiles = { [name: string]: [digest: string, stamp: string] };

/**
 * Keeps a run folder equal to what its stages computed. Files are copies, so editing one harms no stored result; an
 * edited, damaged or deleted file is put back, an output that is no longer one is removed, and files that somebody else
 * put there are left alone.
 *
 * Call what writes with the folder's lock held, and the store's lock shared: what was put there is noted in the store.
 */
export class RunDirectory {
  readonly path: string;
  readonly #statePath: string;
  readonly #objects: ObjectStore;
  #placed: PlacedFiles = {};
  /** whole path of the config whose results are here; "" when that is not known */
  #config = "";

  /**
   * @param path the folder, `runs/demo`
   * @param statePath where it is remembered what was put there
   */
  constructor(path: string, statePath: string, objects: ObjectStore) {
    this.path = path;
    this.#statePath = statePath;
    this.#objects = objects;
    this.#recall();
  }

  /**
   * Makes the folder, removes what a killed process left half-copied, and tries it with a file, so that a folder that cannot
   * be written is found out before hours of work. Call it with the folder's lock held.
   *
   * @throws {PipelineError} when it cannot be made or written
   */
  async create(): Promise<void> {
    for (const folder of [dirname(this.path), this.path]) {
      refuseLink("write results", folder);
    }
    await withFileErrors("write results", this.path, async () => {
      await Deno.mkdir(this.path, { recursive: true });
      await removeTree(this.#partials);
      // In there, so that it is removed next time when this process is killed here.
      await Deno.mkdir(this.#partials);
      await Deno.makeTempFile({ dir: this.#partials });
      await removeTree(this.#partials);
    });
    // Whoever held the lock before may have put more here since.
    this.#recall();
  }

  /**
   * Notes whose results are here from now on.
   *
   * @param config path of a config file
   * @returns the other config file whose results were here, when it still exists
   */
  async giveTo(config: string): Promise<string | undefined> {
    const before = this.#config;
    this.#config = wholePath(config);
    if (this.#config === before) return undefined;
    await this.#save();
    return before !== "" && isFile(before) ? before : undefined;
  }

  /** Those of a stage's outputs that are not here with the bytes they should have. */
  async missing(
    stage: string,
    outputs: readonly OutputFile[],
  ): Promise<OutputFile[]> {
    const wanting: OutputFile[] = [];
    for (const output of outputs) {
      if (!(await this.#holds(`${stage}/${output.path}`, output))) {
        wanting.push(output);
      }
    }
    return wanting;
  }

  /**
   * Makes `<stage>/` hold these outputs.
   *
   * @returns what was put back, and the outputs whose objects are missing or damaged
   * @throws {PipelineError} when the folder cannot be written
   */
  restore(
    stage: string,
    outputs: readonly OutputFile[],
  ): Promise<{ restored: string[]; damaged: OutputFile[] }> {
    return withFileErrors("write results", join(this.path, stage), async () => {
      const wanting = await this.missing(stage, outputs);
      const wanted = new Set(outputs.map(({ path }) => `${stage}/${path}`));
      const old = Object.keys(this.#placed).filter((name) =>
        name.startsWith(`${stage}/`) && !wanted.has(name)
      );
      const restored: string[] = [];
      const damaged: OutputFile[] = [];
      if (wanting.length > 0) {
        // Noted before the first copy: after a crash these files are still known as ours.
        for (const { path, digest } of wanting) {
          this.#placed[`${stage}/${path}`] = [digest, ""];
        }
        await this.#save();
        try {
          for (const output of wanting) {
            const isGood = await this.#place(`${stage}/${output.path}`, output);
            if (isGood) restored.push(output.path);
            else damaged.push(output);
          }
        } finally {
          await removeTree(this.#partials); // of a full disk, say
        }
      }
      await this.#remove(old);
      if (wanting.length > 0 || old.length > 0) await this.#save();
      return { restored, damaged };
    });
  }

  /** Removes what was put here for stages that are no longer part of the pipeline. */
  async keepOnly(stages: readonly string[]): Promise<void> {
    const old = Object.keys(this.#placed).filter((name) =>
      !stages.includes(name.slice(0, name.indexOf("/")))
    );
    if (old.length === 0) return;
    await withFileErrors("remove old results", this.path, async () => {
      await this.#remove(old);
      await this.#save();
    });
  }

  /** Copies an object here. @returns false when it is missing or damaged */
  async #place(name: string, { digest }: OutputFile): Promise<boolean> {
    const target = join(this.path, name);
    this.#refuseLinksTo(name);
    refuseFolder("write results", target);
    if (!(await this.#objects.copyTo(digest, target, this.#partials))) {
      return false;
    }
    this.#placed[name] = [digest, fileStamp(Deno.statSync(target))];
    return true;
  }

  /** Refuses links among the folders that a file lies in. */
  #refuseLinksTo(name: string): void {
    for (let at = name.indexOf("/"); at >= 0; at = name.indexOf("/", at + 1)) {
      refuseLink("write results", join(this.path, name.slice(0, at)));
    }
  }

  /** Where copies grow until they are whole: on the file system of the folder, so that a rename puts them in place. */
  get #partials(): string {
    return join(this.path, ".partial");
  }

  async #holds(name: string, output: OutputFile): Promise<boolean> {
    const target = join(this.path, name);
    let info: Deno.FileInfo;
    try {
      info = Deno.lstatSync(target); // a link is to be replaced by a file of its own
    } catch (error) {
      if (isAbsent(error)) return false;
      throw error;
    }
    if (!info.isFile || info.size !== output.sizeBytes) return false;
    const stamp = fileStamp(info);
    const [digest, placedStamp] = this.#placed[name] ?? [];
    if (digest === output.digest && placedStamp === stamp) return true;
    if ((await sha256File(target)).digest !== output.digest) return false;
    this.#placed[name] = [output.digest, stamp];
    return true;
  }

  async #remove(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const placedStamp = this.#placed[name]?.[1];
      delete this.#placed[name];
      let path = join(this.path, name);
      try {
        this.#refuseLinksTo(name);
        // What was written to since is somebody else's.
        if (fileStamp(Deno.lstatSync(path)) !== placedStamp) continue;
        await Deno.remove(path);
        while ((path = dirname(path)) !== this.path) await Deno.remove(path);
      } catch {
        // already gone, or a folder that holds more
      }
    }
  }

  #recall(): void {
    const state = readSealedJson(this.#statePath);
    this.#placed = (state?.files ?? {}) as PlacedFiles;
    this.#config = typeof state?.config === "string" ? state.config : "";
  }

  async #save(): Promise<void> {
    await writeSealedJson(this.#statePath, {
      files: this.#placed,
      config: this.#config,
    });
  }
}

/** A path that is the same however it was typed; of what is not there, as well as it goes. */
function wholePath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return resolve(path);
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false; // gone
  }
}
