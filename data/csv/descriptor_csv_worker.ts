import { readDescriptorCsv } from "./descriptor_csv.ts";
import { DataError, type DataErrorParts } from "../errors.ts";

/** What the worker answers: the table, why the data are wrong, or what broke. */
export type ReadAnswer =
  | { table: Awaited<ReturnType<typeof readDescriptorCsv>> }
  | { fault: DataErrorParts }
  | { bug: string };

/** The part of a worker's global scope that is used here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<string>) => void) | null;
  postMessage(answer: ReadAnswer, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;

// Reads the file that a message names; answers come in the order of the messages.
let last: Promise<void> = Promise.resolve();
scope.onmessage = ({ data: path }) => {
  last = last.then(async () => {
    try {
      const table = await readDescriptorCsv(path);
      scope.postMessage({ table }, [table.values.buffer as ArrayBuffer]);
    } catch (error) {
      if (error instanceof DataError) {
        const { attempt, where, found, wanted, remedy } = error;
        const fault = { attempt, found } as DataErrorParts;
        if (where !== undefined) fault.where = where;
        if (wanted !== undefined) fault.wanted = wanted;
        if (remedy !== undefined) fault.remedy = remedy;
        scope.postMessage({ fault }, []);
      } else {
        const bug = error instanceof Error ? error.stack : undefined;
        scope.postMessage({ bug: bug ?? String(error) }, []);
      }
    }
  });
};
