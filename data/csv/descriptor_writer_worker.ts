import { writeDescriptorCsv } from "./descriptor_csv.ts";
import type { DescriptorFile } from "./descriptor_writer.ts";
import { answerTasks } from "../worker_tasks.ts";

// Writes the files that messages bring.
answerTasks(async ({ path, values, dimension }: DescriptorFile) => {
  await writeDescriptorCsv(path, values, dimension);
  return { result: undefined, transfer: [] };
});
