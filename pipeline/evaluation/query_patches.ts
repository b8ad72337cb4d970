import { DataError, type QueryTask, readQueryTask } from "../../data/mod.ts";
import type { DescriptorRows } from "../metrics/distance.ts";
import type { DescriptorFolder } from "./descriptor_folder.ts";

/** Patches of reference images named by a task file, with their descriptors gathered. */
export interface QueryPatches {
  task: QueryTask;
  descriptors: DescriptorRows;
}

/**
 * Reads a retrieval file of queries or distractors and gathers the descriptors of its patches.
 *
 * @throws {DataError} with file and line when the file is wrong or names a patch that has no descriptor
 */
export async function readQueryPatches(
  folder: DescriptorFolder,
  path: string,
): Promise<QueryPatches> {
  const task = await readQueryTask(path);
  await folder.open(task.sequences, path);
  const dimension = folder.dimension;
  const count = task.patch.length;
  const values = new Float32Array(count * dimension);
  for (let row = 0; row < count; row++) {
    const name = task.sequences[task.sequence[row]];
    const rows = folder.rows(name);
    const patch = task.patch[row];
    if (patch >= rows) {
      throw new DataError({
        attempt: "evaluate retrieval",
        where: `${path}:${row + 2}`,
        found: `patch ${patch} of ${name}`,
        wanted: `below ${rows}, the rows of its descriptors`,
      });
    }
    const from = folder.reference(name).values;
    values.set(
      from.subarray(patch * dimension, (patch + 1) * dimension),
      row * dimension,
    );
  }
  return { task, descriptors: { values, dimension } };
}
