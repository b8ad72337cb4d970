import { DataError } from "./errors.ts";
import type { WorkerAnswer } from "./worker_tasks.ts";

/** A worker with what it still owes, oldest first. */
interface Member<Result> {
  worker: Worker;
  waiting: {
    resolve: (result: Result) => void;
    reject: (error: unknown) => void;
  }[];
}

/**
 * Threads that do tasks of one kind, each its own in turn.
 *
 * Nothing bounds how many tasks may be handed over ahead: who hands them over bounds the memory.
 */
export class WorkerPool<Task, Result> implements Disposable {
  readonly #members: Member<Result>[];

  /**
   * @param module calls `answerTasks`
   * @param doing what its workers do, for errors: "reads descriptors"
   */
  constructor(module: URL, workers: number, doing: string) {
    this.#members = Array.from(
      { length: workers },
      () => startMember<Result>(module, doing),
    );
  }

  /** Threads that there are. */
  get size(): number {
    return this.#members.length;
  }

  /**
   * Hands a task to the thread that owes least.
   *
   * @param transfer buffers of the task that are given away
   * @throws {DataError} when the data are wrong
   */
  do(task: Task, transfer: Transferable[] = []): Promise<Result> {
    const { worker, waiting } = this.#members.reduce((least, member) =>
      member.waiting.length < least.waiting.length ? member : least
    );
    return new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      worker.postMessage(task, transfer);
    });
  }

  /** Ends the threads, whatever they are doing. */
  [Symbol.dispose](): void {
    for (const { worker } of this.#members) worker.terminate();
    this.#members.length = 0;
  }
}

function startMember<Result>(module: URL, doing: string): Member<Result> {
  const worker = new Worker(module, { type: "module" });
  const member: Member<Result> = { worker, waiting: [] };
  worker.onmessage = ({ data }: MessageEvent<WorkerAnswer<Result>>) => {
    const { resolve, reject } = member.waiting.shift()!;
    if ("result" in data) resolve(data.result);
    else if ("fault" in data) reject(new DataError(data.fault));
    else reject(new Error(`a worker that ${doing}: ${data.bug}`));
  };
  worker.onerror = (event) => {
    event.preventDefault();
    const error = new Error(`a worker that ${doing}: ${event.message}`);
    for (const { reject } of member.waiting.splice(0)) reject(error);
  };
  return member;
}
