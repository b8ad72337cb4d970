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
   * @param onCrash told when it ends without an answer
   */
  constructor(
    onReply: (reply: Reply) => void,
    onCrash: (message: string) => void,
  ) {
    this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => onReply(data);
    this.#worker.onerror = ({ message }) => onCrash(message);
  }

  send(request: Request): void {
    this.#worker.postMessage(request);
  }
}
