/**
 * A command on a thread of its own, seen from the main thread.
 *
 * Waiting for the GPU blocks the thread that waits: for as long as the work takes that it was given. So whatever may open it runs in a
 * worker, from its first line to its last, and the main thread keeps what has to answer at once: signals, the terminal and the exit code.
 * The whole command moves, not its GPU work alone, because then nothing of the pipeline has to know of threads, what computes on the CPU
 * for seconds does not block the main thread either, and every file, lock and temporary name belongs to one thread.
 *
 * The worker has the permissions of this process as they are when it starts, so what was given up before is given up there, too.
 *
 * @module
 */
import { brokenBy, type CommandEnd } from "./command_end.ts";
import type { Order, Report } from "./command_messages.ts";
import type { Outlets } from "./commands/command.ts";
import type { Progress } from "./log.ts";

/**
 * Runs `args` in the worker `module`, which calls `serveCommand` of `command_worker.ts`, and prints what it says.
 *
 * The worker is left as it is when the command has ended, because the process is about to exit: taking it down would take the GPU's driver
 * down with it, while the process is on its way out through the same driver.
 *
 * @returns how it ended; an error that nobody caught in the worker, and a worker that cannot start, are bugs of this program
 * @throws the signal's reason when it is aborted before the start
 */
export function runOnThread(
  module: URL,
  args: readonly string[],
  { print, log, signal }: Outlets,
): Promise<CommandEnd> {
  signal.throwIfAborted();
  const worker = new Worker(module, { type: "module" });
  const order = (order: Order) => worker.postMessage(order);
  // Before the worker listens they wait for it, in this order.
  order({ kind: "run", args });
  signal.addEventListener("abort", () => order({ kind: "interrupt" }), {
    once: true,
  });
  const activities = new Map<number, Progress>();
  return new Promise((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<Report>) => {
      switch (data.kind) {
        case "print":
          return print(data.text);
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
          return resolve(data.end);
      }
    };
    worker.onerror = (event) => {
      event.preventDefault();
      resolve(brokenBy(`a thread that could not start: ${event.message}`));
    };
  });
}
