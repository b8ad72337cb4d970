/**
 * A command on a thread of its own, seen from that thread.
 *
 * @module
 */
import { brokenBy, endOf } from "./command_end.ts";
import type { Order, Report } from "./command_messages.ts";
import type { Outlets } from "./commands/command.ts";
import type { Log } from "./log.ts";

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
