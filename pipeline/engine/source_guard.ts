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
import { canonicalJson } from "../files/hash.ts";
import { ifThere } from "../files/if_there.ts";
import type { Store } from "../store/store.ts";
import { digestOutsideFiles } from "./outside_files.ts";
import { PathStamps } from "./path_stamps.ts";
import type { StageDecision } from "./planner.ts";

/** Longer than the kernel's clock for files takes from one tick to the next. */
const clockTickMs = 20;

/**
 * Watches what a stage reads in the course of its run: code that is loaded late, files outside the store, and the links to
 * stored inputs.
 *
 * A file that bears the same stamp before and after was not written to in between, so that whatever was read of it has the
 * digest that was taken after the first stamp. Digests alone would not do: a file can be changed and put back. So can what leads to it
 * ({@linkcode PathStamps}).
 */
export class SourceGuard {
  readonly #decision: StageDecision;
  readonly #config: Config;
  readonly #store: Store;
  /** of each file of code that is loaded late */
  #code = new Map<string, PathStamps>();
  /** of outside files and what else decides which they are */
  #outside = new PathStamps([]);
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
    const { stage, code, facts } = decision;
    const lazy = code.lazyFiles.map((file) => join(code.root, file));
    const outside = facts.external.map(({ path }) => path);
    const watched = await stage.watched?.(config) ?? [];
    await settle([...lazy, ...outside, ...watched]);
    guard.#code = new Map(lazy.map((path) => [path, new PathStamps([path])]));
    guard.#outside = new PathStamps(
      [...outside, ...watched],
      watched.filter(isFolder),
    );
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
    if (code.lazyFiles.length > 0) {
      const now = await new CodeDigester(this.#store.sources)
        .digest(stage.module);
      for (const file of code.lazyFiles) {
        const stamps = this.#code.get(join(code.root, file))!;
        if (
          now.files[file] !== code.files[file] ||
          stamps.firstChanged() !== undefined
        ) throw editedCode(attempt, file);
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
    const changed = this.#outside.firstChanged();
    if (changed !== undefined) throw changedInput(attempt, changed);
    for (const [path, stamp] of this.#inputs) {
      if (contentStamp(path) !== stamp) throw changedInput(attempt, path);
    }
  }
}

/** Waits for the clock to tick where something was written to so recently that its next change would have the same time. */
async function settle(paths: readonly string[]): Promise<void> {
  const nowMs = Date.now();
  const isYoung = paths.some((path) => {
    const writtenMs = ifThere(() => Deno.statSync(path))?.mtime?.getTime();
    return writtenMs !== undefined &&
      Math.abs(nowMs - writtenMs) < clockTickMs;
  });
  if (!isYoung) return;
  await new Promise((resolve) => setTimeout(resolve, clockTickMs));
}

function isFolder(path: string): boolean {
  return ifThere(() => Deno.statSync(path))?.isDirectory ?? false;
}

/** Size, time of the last write and inode; "" when it is not there. */
function contentStamp(path: string): string {
  const info = ifThere(() => Deno.lstatSync(path));
  return info === undefined
    ? ""
    : `${info.size} ${info.mtime?.getTime()} ${info.ino}`;
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
