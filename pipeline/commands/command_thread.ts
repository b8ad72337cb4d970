/**
 * A command on a thread of its own: how it ends, what the two threads tell each other, and either side of it.
 *
 * Waiting for the GPU blocks the thread that waits: for as long as the work takes that it was given. So whatever may open it runs in a
 * worker, from its first line to its last, and the main thread keeps what has to answer at once: signals, the terminal and the exit code.
 * The whole command moves, not its GPU work alone, because then nothing of the pipeline has to know of threads, what computes on the CPU
 * for seconds does not block the main thread either, and every file, lock and temporary name belongs to one thread.
 *
 * The worker has the permissions of this process as they are when it starts, so what was given up before is given up there, too; or fewer,
 * where the caller says so.
 *
 * @module
 */
import { isUserError } from "../errors.ts";
import { surroundingsError } from "../files/file_errors.ts";
import type { Log, Progress } from "../log.ts";
import type { Outlets } from "./command.ts";

/** How a command ended, in a form that passes from thread to thread. */
export type CommandEnd =
  | { kind: "done"; code: number }
  | { kind: "interrupted" }
  /** something that the user can mend, told in `message` */
  | { kind: "refused"; message: string }
  /** a bug of this program */
  | { kind: "broken"; stack: string };

/**
 * Does the work of a command and says how it ended; never throws.
 *
 * @param signal what interrupts it: throwing its reason is how work gives in to it
 * @param work gives the exit code, or an end that came about elsewhere
 */
export async function endOf(
  signal: AbortSignal,
  work: () => Promise<number | CommandEnd>,
): Promise<CommandEnd> {
  try {
    const result = await work();
    return typeof result === "number" ? { kind: "done", code: result } : result;
  } catch (error) {
    if (signal.aborted && error === signal.reason) {
      return { kind: "interrupted" };
    }
    const told = surroundingsError(error);
    return isUserError(told)
      ? { kind: "refused", message: told.message }
      : brokenBy(error);
  }
}

/** The end that a thrown value brings which nobody expected. */
export function brokenBy(error: unknown): CommandEnd {
  const stack = error instanceof Error && error.stack || String(error);
  return { kind: "broken", stack };
}

/** What the main thread tells the thread of a command. */
type Order =
  /** the command line; comes once, first */
  | { kind: "run"; args: readonly string[] }
  /** stop at the next safe point */
  | { kind: "interrupt" };

/** What the thread of a command tells the main thread, which alone prints. Messages arrive in the order in which they were sent. */
type Report =
  | { kind: "print"; text: string }
  | { kind: "info"; message: string }
  | { kind: "warn"; message: string }
  /** an activity begins, known by `id` from now on */
  | {
    kind: "progress";
    id: number;
    label: string;
    total: number;
    unit: string;
  }
  | {
    kind: "update";
    id: number;
    done: number;
    figures: Record<string, number>;
  }
  | { kind: "finish"; id: number }
  /** the last one */
  | { kind: "end"; end: CommandEnd };

/**
 * Runs `args` in the worker `module`, which calls {@linkcode serveCommand}, and prints what it says.
 *
 * The worker is left as it is when the command has ended, because the process is about to exit: taking it down would take the GPU's driver
 * down with it, while the process is on its way out through the same driver. One with fewer permissions cannot have opened the GPU for
 * anybody, and is taken down.
 *
 * @param permissions of the worker; default: those of this process
 * @returns how it ended; an error that nobody caught in the worker, and a worker that cannot start, are bugs of this program
 * @throws the signal's reason when it is aborted before the start
 */
export function runOnThread(
  module: URL,
  args: readonly string[],
  { print, log, signal }: Outlets,
  permissions?: Deno.PermissionOptionsObject,
): Promise<CommandEnd> {
  signal.throwIfAborted();
  const worker = new Worker(module, {
    type: "module",
    ...(permissions === undefined ? {} : { deno: { permissions } }),
  });
  const order = (order: Order) => worker.postMessage(order);
  // Before the worker listens they wait for it, in this order.
  order({ kind: "run", args });
  signal.addEventListener("abort", () => order({ kind: "interrupt" }), {
    once: true,
  });
  // deno-lint-ignore require-await -- what cannot be printed is a rejection
  const printed = async (text: string) => {
    print(text);
    return 0;
  };
  const activities = new Map<number, Progress>();
  return new Promise((resolve) => {
    worker.onmessage = async ({ data }: MessageEvent<Report>) => {
      switch (data.kind) {
        case "print": {
          const end = await endOf(signal, () => printed(data.text));
          if (end.kind !== "done") resolve(end);
          return;
        }
        case "info":
          return log.info(data.message);
        case "warn":
          return log.warn(data.message);
        case "progress": {
          const { id, label, total, unit } = data;
          activities.set(id, log.progress(label, total, unit));
          return;
        }
        case "update":
          return activities.get(data.id)?.update(data.done, data.figures);
        case "finish":
          activities.get(data.id)?.finish();
          activities.delete(data.id);
          return;
        case "end":
          // An end that nobody expected leaves its activities open.
          for (const activity of activities.values()) activity.finish();
          if (permissions !== undefined) worker.terminate();
          return resolve(data.end);
      }
    };
    worker.onerror = (event) => {
      event.preventDefault();
      resolve(brokenBy(`a thread that could not start: ${event.message}`));
    };
  });
}

/** The part of a worker's global scope that is used here. */
interface WorkerScope extends EventTarget {
  onmessage: ((event: MessageEvent<Order>) => void) | null;
  postMessage(report: Report): void;
}

/**
 * Answers the main thread's `runOnThread`: does `work` with the command line that it sends, and reports to it what the work prints and how
 * it ends. An error that nobody catches ends the command as a bug.
 *
 * @param work gives the exit code
 */
export function serveCommand(
  work: (args: readonly string[], outlets: Outlets) => Promise<number>,
): void {
  const scope = globalThis as unknown as WorkerScope;
  const report = (report: Report) => scope.postMessage(report);
  const controller = new AbortController();
  const { signal } = controller;
  const outlets: Outlets = {
    print: (text) => report({ kind: "print", text }),
    log: reportingLog(report),
    signal,
  };
  const fail = (event: Event, error: unknown) => {
    event.preventDefault(); // Deno would print it as well
    report({ kind: "end", end: brokenBy(error) });
  };
  scope.addEventListener(
    "error",
    (event) => fail(event, (event as ErrorEvent).error),
  );
  scope.addEventListener(
    "unhandledrejection",
    (event) => fail(event, (event as PromiseRejectionEvent).reason),
  );
  scope.onmessage = async ({ data }) => {
    if (data.kind === "interrupt") {
      controller.abort(new DOMException("interrupted", "AbortError"));
      return;
    }
    const end = await endOf(signal, () => work(data.args, outlets));
    report({ kind: "end", end });
  };
}

/** A log that tells another thread what to log. */
function reportingLog(report: (report: Report) => void): Log {
  let lastId = 0;
  return {
    info: (message) => report({ kind: "info", message }),
    warn: (message) => report({ kind: "warn", message }),
    progress(label, total, unit) {
      const id = ++lastId;
      report({ kind: "progress", id, label, total, unit });
      return {
        update: (done, figures = {}) =>
          report({ kind: "update", id, done, figures }),
        finish: () => report({ kind: "finish", id }),
      };
    },
  };
}
