import { readDescriptorCsv } from "./descriptor_csv.ts";
import { answerTasks } from "../worker_tasks.ts";

// Reads the files that messages name.
answerTasks(async (path: string) => {
  const table = await readDescriptorCsv(path);
  return { result: table, transfer: [table.values.buffer as ArrayBuffer] };
});
