import type { Reply, Request } from "../messages.ts";

/** The worker that does everything heavy. */
export class WorkerChannel {
  readonly #worker = new Worker(
    new URL("../worker/main.mjs", import.meta.url),
    {
      type: "module",
    },
  );

  /**
   * @param onReply told what the worker answers
   * @param onFault told what is wrong when it fails without an answer
   */
  constructor(
    onReply: (reply: Reply) => void,
    onFault: (message: string) => void,
  ) {
    this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => onReply(data);
    this.#worker.onerror = (event) => onFault(workerFault(event));
  }

  send(request: Request): void {
    this.#worker.postMessage(request);
  }
}

/** What a worker's error event means: one without a message says that the worker never started, any other that it goes on. */
export function workerFault({ message }: { message?: string }): string {
  return message
    ? `Cannot do that: ${message}; load the page again if it answers no more`
    : "Cannot start what computes for this page: its code could not be loaded; load the page again";
}
