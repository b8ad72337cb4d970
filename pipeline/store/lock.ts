/**
 * Locks on files, which the kernel releases when the process that holds them ends, however it ends.
 *
 * @module
 */
import { dirname } from "@std/path";
import { pause } from "../../data/pause.ts";
import { PipelineError } from "../errors.ts";
import { withFileErrors } from "../files/file_errors.ts";
import { refuseLink } from "../files/links.ts";
import type { Log } from "../log.ts";
import { readSealedJson, sealJson } from "../files/sealed_json.ts";
import type { Json } from "../files/json.ts";

/** How often a waiting process tries again. */
const retryIntervalMs = 200;

/** How often it tries before it tells that it waits, or gives up. */
const quietTries = 3;

/** How to take a lock. */
export interface LockOptions {
  /** what it guards, `the run folder runs/demo`: for those who wait */
  what: string;
  /** what this process is doing, shown to those who wait: `reproduce configs/demo.toml` */
  command: string;
  /** false: fail at once when another process holds the lock */
  wait: boolean;
  log: Log;
  signal: AbortSignal;
}

/** A held lock; disposing it lets the next process in. */
export interface HeldLock extends Disposable {
  readonly path: string;
  /** Adds to what others can read about the holder; see {@linkcode readHolder}. */
  note(facts: { [name: string]: Json }): Promise<void>;
}

/**
 * Takes the lock at `path`, waiting for its holder unless told not to. Who holds it stands beside it in
 * `<path>.holder.json`; that file informs only, so a stale one harms nobody.
 *
 * Disposing the lock removes both files: a store with thousands of stages would drown in them otherwise.
 *
 * @throws {PipelineError} when the lock is held and `wait` is false, or the file cannot be opened
 * @throws the signal's reason when it is aborted while waiting
 */
export async function acquireLock(
  path: string,
  options: LockOptions,
): Promise<HeldLock> {
  const attempt = `lock ${options.what}`;
  let file: Deno.FsFile | undefined;
  let announced = false;
  for (let tries = 1;; tries++) {
    file = await withFileErrors(attempt, path, () => tryLock(path, true));
    if (file !== undefined) break;
    if (tries < quietTries) { // perhaps somebody who only looks whether it is free
      await pause(retryIntervalMs / 10, options.signal);
      continue;
    }
    const holder = describeHolder(path);
    if (!options.wait) {
      throw new PipelineError({
        attempt,
        where: path,
        found: `it held by ${holder}`,
        remedy: "run again when that process has ended",
      });
    }
    if (!announced) {
      options.log.warn(`waiting for ${holder}, which holds ${options.what}`);
      announced = true;
    }
    await pause(retryIntervalMs, options.signal);
  }
  const held = new FileLock(path, file, {
    pid: Deno.pid,
    host: hostName(),
    command: options.command,
    since: new Date().toISOString(),
  });
  try {
    await withFileErrors(attempt, holderPath(path), () => held.note({}));
  } catch (error) {
    held[Symbol.dispose]();
    throw error;
  }
  return held;
}

/** How to wait for a lock that is held for moments. */
export type MomentOptions =
  & Pick<LockOptions, "signal">
  & Partial<Pick<LockOptions, "wait" | "log">>;

/** Longer than a moment takes: whoever holds such a lock for longer is stopped, or collects garbage in a large store. */
const longMomentMs = 2000;

/**
 * Takes a lock that many may share, or that one alone may have; meant for moments, so nobody is told who holds it.
 *
 * @param exclusive whether nobody else may have it
 * @param options how to wait; absent: does not wait
 * @returns undefined when it is held otherwise and there are no options
 * @throws {PipelineError} when it is held for longer than a moment and `wait` is false
 * @throws what the file system says
 * @throws the signal's reason when it is aborted while waiting
 */
export async function acquireMoment(
  path: string,
  exclusive: boolean,
  options?: MomentOptions,
): Promise<Disposable | undefined> {
  const startMs = performance.now();
  let isTold = false;
  for (;;) {
    const file = await tryLock(path, exclusive);
    if (file !== undefined) return { [Symbol.dispose]: () => file.close() };
    if (options === undefined) return undefined;
    const { signal, wait = true, log } = options;
    if (performance.now() - startMs > longMomentMs) {
      const remedy = "let it go on (`kill -CONT`), or end it";
      if (!wait) {
        throw new PipelineError({
          attempt: "lock the store",
          where: path,
          found: "it held by another process, which may be stopped",
          remedy,
        });
      }
      if (!isTold) {
        log?.warn(
          `waiting for another process that holds ${path}; if it is stopped, ${remedy}`,
        );
      }
      isTold = true;
    }
    await pause(retryIntervalMs / 10, signal);
  }
}

/** Takes the lock for a moment of tidying up; undefined when a process holds it. */
export async function tryLockQuietly(
  path: string,
): Promise<Disposable | undefined> {
  const file = await tryLock(path, true);
  return file === undefined ? undefined : new FileLock(path, file, {});
}

/** What the process that holds the lock at `path` says about itself; undefined when nobody holds it. */
export async function readHolder(
  path: string,
): Promise<{ [name: string]: Json } | undefined> {
  using free = await tryLockQuietly(path);
  return free === undefined
    ? readSealedJson(holderPath(path)) ?? {}
    : undefined;
}

/** A lock that this process holds. */
class FileLock implements HeldLock {
  readonly path: string;
  readonly #file: Deno.FsFile;
  #facts: { [name: string]: Json };

  constructor(
    path: string,
    file: Deno.FsFile,
    facts: { [name: string]: Json },
  ) {
    this.path = path;
    this.#file = file;
    this.#facts = facts;
  }

  async note(facts: { [name: string]: Json }): Promise<void> {
    this.#facts = { ...this.#facts, ...facts };
    const path = holderPath(this.path);
    refuseLink("note who holds a lock", path);
    // In place: whoever reads half of it reads nothing, and a killed process leaves no other file behind.
    await withFileErrors(
      "note who holds a lock",
      path,
      () => Deno.writeTextFile(path, sealJson(this.#facts)),
    );
  }

  [Symbol.dispose](): void {
    for (const path of [holderPath(this.path), this.path]) {
      try {
        Deno.removeSync(path); // while it is held, so that nobody else's is removed
      } catch {
        // a file that stays harms nobody
      }
    }
    this.#file.close();
  }
}

/** An open file with the lock on it; undefined when the lock is held. */
async function tryLock(
  path: string,
  exclusive: boolean,
): Promise<Deno.FsFile | undefined> {
  for (;;) {
    const file = await open(path);
    try {
      if (!(await file.tryLock(exclusive))) {
        file.close();
        return undefined;
      }
      if (await isStillAt(file, path)) return file;
    } catch (error) {
      file.close();
      throw error;
    }
    file.close(); // its last holder removed it: a lock on it would exclude nobody
  }
}

async function open(path: string): Promise<Deno.FsFile> {
  const how = { read: true, write: true, create: true };
  refuseLink("lock the store", path);
  try {
    return await Deno.open(path, how);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    await Deno.mkdir(dirname(path), { recursive: true });
    return await Deno.open(path, how);
  }
}

async function isStillAt(file: Deno.FsFile, path: string): Promise<boolean> {
  try {
    return (await file.stat()).ino === (await Deno.stat(path)).ino;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function holderPath(path: string): string {
  return `${path}.holder.json`;
}

/** `process 4711 on host (reproduce configs/demo.toml, since 2030-01-01T00:00:00.000Z)`. */
function describeHolder(path: string): string {
  const holder = readSealedJson(holderPath(path));
  if (holder === undefined) return "another process";
  const { pid, host, command, since } = holder;
  return `process ${pid} on ${host} (${command}, since ${since})`;
}

/** The machine's name; a process that may not ask for it still gets its lock, and nobody is prompted. */
export function hostName(): string {
  const { state } = Deno.permissions.querySync({
    name: "sys",
    kind: "hostname",
  });
  return state === "granted" ? Deno.hostname() : "an unnamed host";
}
