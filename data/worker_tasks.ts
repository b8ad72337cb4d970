import { DataError, type DataErrorParts } from "./errors.ts";

/** What a worker answers a task with: a result, why the data are wrong, or what broke. */
export type WorkerAnswer<Result> =
  | { result: Result }
  | { fault: DataErrorParts }
  | { bug: string };

/** A result and those of its buffers that it gives away. */
export interface Answered<Result> {
  result: Result;
  transfer: Transferable[];
}

/** The part of a worker's global scope that is used here. */
interface WorkerScope<Task, Result> {
  onmessage: ((event: MessageEvent<Task>) => void) | null;
  postMessage(answer: WorkerAnswer<Result>, transfer: Transferable[]): void;
}

/** Does, in a worker, the tasks that messages bring; answers come in the order of the messages. */
export function answerTasks<Task, Result>(
  answer: (task: Task) => Promise<Answered<Result>>,
): void {
  const scope = globalThis as unknown as WorkerScope<Task, Result>;
  let last: Promise<void> = Promise.resolve();
  scope.onmessage = ({ data: task }) => {
    last = last.then(async () => {
      try {
        const { result, transfer } = await answer(task);
        scope.postMessage({ result }, transfer);
      } catch (error) {
        scope.postMessage(whatFailed(error), []);
      }
    });
  };
}

function whatFailed(error: unknown): WorkerAnswer<never> {
  if (error instanceof DataError) {
    const { attempt, where, found, wanted, remedy } = error;
    const fault = { attempt, found } as DataErrorParts;
    if (where !== undefined) fault.where = where;
    if (wanted !== undefined) fault.wanted = wanted;
    if (remedy !== undefined) fault.remedy = remedy;
    return { fault };
  }
  const bug = error instanceof Error ? error.stack : undefined;
  return { bug: bug ?? String(error) };
}
