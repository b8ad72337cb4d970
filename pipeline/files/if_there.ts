import { isAbsent } from "./file_tree.ts";

/** What reading a path gives; undefined when nothing is there. */
export function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}
