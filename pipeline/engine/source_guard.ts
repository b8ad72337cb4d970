/**
 * Whether what a running stage reads is still what its key says.
 *
 * @module
 */
import { join } from "@std/path";
import { CodeDigester } from "../code/code_digest.ts";
import { editedCode } from "../code/loaded_code.ts";
import type { Config } from "../config.ts";
import { PipelineError } from "../errors.ts";
import { isAbsent } from "../files/file_tree.ts";
import { canonicalJson } from "../files/hash.ts";
import type { Store } from "../store/store.ts";
import { digestOutsideFiles } from "./outside_files.ts";
import type { StageDecision } from "./planner.ts";

/** Longer than the kernel's clock for files takes from one tick to the next. */
const clockTickMs = 20;

/**
 * Watches what a stage reads in the course of its run: code that is loaded late, files outside the store, and the links to
 * stored inputs.
 *
 * A file that bears the same stamp before and after was not written to in between, so that whatever was read of it has the
 * digest that was taken after the first stamp. Digests alone would not do: a file can be changed and put back.
 */
export class SourceGuard {
  readonly #decision: StageDecision;
  readonly #config: Config;
  readonly #store: Store;
  /** stamps of code and outside files */
  #stamps = new Map<string, Stamp>();
  /** what must not change of the links to inputs; other links to the same object may come and go */
  readonly #inputs = new Map<string, string>();

  private constructor(decision: StageDecision, config: Config, store: Store) {
    this.#decision = decision;
    this.#config = config;
    this.#store = store;
  }

  /**
   * Begins to watch. Call it before the stage reads anything.
   *
   * @throws {PipelineError} when something has changed since the stage's key was made
   */
  static async open(
    decision: StageDecision,
    config: Config,
    store: Store,
  ): Promise<SourceGuard> {
    const guard = new SourceGuard(decision, config, store);
    await guard.#settle();
    guard.#stamps = guard.#stampsNow();
    await guard.refuseChanges();
    return guard;
  }

  /** Watches the link to a verified input. */
  watchInput(path: string): void {
    this.#inputs.set(path, contentStamp(path));
  }

  /**
   * Call it before anything is kept that was computed from what the stage has read.
   *
   * @throws {PipelineError} when something was written to since the watch began
   */
  async refuseChanges(): Promise<void> {
    const { stage, code, facts } = this.#decision;
    const attempt = `run ${stage.name}`;
    const stamps = this.#stampsNow();
    const isSame = (path: string) =>
      isUnchanged(this.#stamps.get(path), stamps.get(path));
    if (code.lazyFiles.length > 0) {
      const now = await new CodeDigester(this.#store.sources)
        .digest(stage.module);
      for (const file of code.lazyFiles) {
        if (
          now.files[file] === code.files[file] && isSame(pathOf(file, code))
        ) {
          continue;
        }
        throw editedCode(attempt, file);
      }
    }
    const external = await digestOutsideFiles(
      stage,
      this.#config,
      this.#store,
    );
    if (canonicalJson(external) !== canonicalJson(facts.external)) {
      throw changedInput(attempt, firstDifference(external, facts.external));
    }
    for (const { path } of external) {
      if (!isSame(path)) throw changedInput(attempt, path);
    }
    for (const [path, stamp] of this.#inputs) {
      if (contentStamp(path) !== stamp) throw changedInput(attempt, path);
    }
  }

  /** Waits for the clock to tick where a file was written to so recently that its next change would have the same time. */
  async #settle(): Promise<void> {
    const nowMs = Date.now();
    const isYoung = this.#watched().some((path) =>
      ifThere(() => {
        const { mtime } = Deno.statSync(path);
        return Math.abs(nowMs - (mtime?.getTime() ?? 0)) < clockTickMs
          ? "young"
          : "";
      }) !== ""
    );
    if (!isYoung) return;
    await new Promise((resolve) => setTimeout(resolve, clockTickMs));
  }

  #watched(): string[] {
    const { code, facts } = this.#decision;
    return [
      ...code.lazyFiles.map((file) => pathOf(file, code)),
      ...facts.external.map(({ path }) => path),
    ];
  }

  #stampsNow(): Map<string, Stamp> {
    return new Map(this.#watched().map((path) => [path, stampOf(path)]));
  }
}

function pathOf(file: string, { root }: { root: string }): string {
  return join(root, file);
}

/** What tells whether a path leads to the same bytes as before; each part "" when it is not there. */
interface Stamp {
  /** of the path itself and of what it leads to, if it is a link */
  content: string;
  /** when their inodes last changed, which nobody can set back */
  changed: string;
  /** how many names their inodes have */
  names: string;
}

function stampOf(path: string): Stamp {
  const both = (read: (info: Deno.FileInfo) => string) =>
    ifThere(() => `${read(Deno.lstatSync(path))} ${read(Deno.statSync(path))}`);
  return {
    content: both(contentOf),
    changed: both(({ ctime }) => String(ctime?.getTime())),
    names: both(({ nlink }) => String(nlink)),
  };
}

/**
 * Whether nothing was written in between. Another name for a file changes its inode as well: package managers link the files of one
 * store into every project.
 */
function isUnchanged(before?: Stamp, after?: Stamp): boolean {
  return before?.content === after?.content &&
    (before?.changed === after?.changed || before?.names !== after?.names);
}

/** Size, time of the last write and inode; "" when it is not there. */
function contentStamp(path: string): string {
  return ifThere(() => contentOf(Deno.lstatSync(path)));
}

function contentOf({ size, mtime, ino }: Deno.FileInfo): string {
  return `${size} ${mtime?.getTime()} ${ino}`;
}

function ifThere(read: () => string): string {
  try {
    return read();
  } catch (error) {
    if (isAbsent(error)) return "";
    throw error;
  }
}

/** The first file that one list has otherwise than the other. */
function firstDifference(
  now: StageDecision["facts"]["external"],
  before: StageDecision["facts"]["external"],
): string {
  const known = new Map(before.map(({ path, digest }) => [path, digest]));
  const changed = now.find(({ path, digest }) => known.get(path) !== digest);
  const listed = new Set(now.map(({ path }) => path));
  return (changed ?? before.find(({ path }) => !listed.has(path)) ?? before[0])
    .path;
}

function changedInput(attempt: string, where: string): PipelineError {
  return new PipelineError({
    attempt,
    where,
    found: "an input that was changed while the stage read it",
    wanted: "the file that the stage's key was made of",
    remedy: "run the same command again when it no longer changes",
  });
}
