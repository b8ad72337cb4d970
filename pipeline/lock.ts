/**
 * One process at a time on one store, by a lock that the kernel releases when the process ends, however it ends.
 *
 * @module
 */
import { PipelineError } from "./errors.ts";
import { withFileErrors } from "./file_errors.ts";
import type { Log } from "./log.ts";
import { readSealedJson, writeSealedJson } from "./sealed_json.ts";

/** How often a waiting process tries again. */
const retryIntervalMs = 200;

/** How to take a lock. */
export interface LockOptions {
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
}

/**
 * Takes the lock at `path`, waiting for its holder unless told not to. Who holds it stands beside it in
 * `<path>.holder.json`; that file informs only, so a stale one harms nobody.
 *
 * @throws {PipelineError} when the lock is held and `wait` is false, or the file cannot be opened
 * @throws the signal's reason when it is aborted while waiting
 */
export async function acquireLock(
  path: string,
  options: LockOptions,
): Promise<HeldLock> {
  const attempt = "lock the store";
  const file = await withFileErrors(
    attempt,
    path,
    () => Deno.open(path, { read: true, write: true, create: true }),
  );
  const holderPath = `${path}.holder.json`;
  try {
    let announced = false;
    while (!(await file.tryLock(true))) {
      const holder = describeHolder(holderPath);
      if (!options.wait) {
        throw new PipelineError({
          attempt,
          where: path,
          found: `it held by ${holder}`,
          remedy: "run again when that process has ended",
        });
      }
      if (!announced) {
        options.log.warn(`waiting for ${holder}, which holds ${path}`);
        announced = true;
      }
      await pause(retryIntervalMs, options.signal);
    }
    await withFileErrors(
      attempt,
      holderPath,
      () =>
        writeSealedJson(holderPath, {
          pid: Deno.pid,
          host: hostName(),
          command: options.command,
          since: new Date().toISOString(),
        }),
    );
  } catch (error) {
    file.close();
    throw error;
  }
  return { path, [Symbol.dispose]: () => file.close() };
}

/** `process 4711 on host (reproduce configs/demo.toml, since 2030-01-01T00:00:00.000Z)`. */
function describeHolder(holderPath: string): string {
  const holder = readSealedJson(holderPath);
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

/** Resolves after a time; rejects with the signal's reason as soon as it is aborted. */
function pause(timeMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, timeMs);
    signal.addEventListener("abort", stop, { once: true });
  });
}
