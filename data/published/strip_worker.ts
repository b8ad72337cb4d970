import { readSequencePatches } from "./hpatches.ts";
import type { StripPlace } from "./strip_reader.ts";
import { answerTasks } from "../worker_tasks.ts";

// Reads the strips that messages name.
answerTasks(async ({ directory, sequence, type }: StripPlace) => {
  const strip = await readSequencePatches(directory, sequence, type);
  return { result: strip, transfer: [strip.patches.buffer as ArrayBuffer] };
});
