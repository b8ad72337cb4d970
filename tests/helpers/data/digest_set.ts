import { digestFolder } from "../../../data/published/contents_digest.ts";
import { listSetFiles } from "../../../data/published/unpack_set.ts";

/** The contents digest of a set that lies unpacked in a folder. */
export function digestSet(set: string, path: string): Promise<string> {
  return digestFolder(path, listSetFiles(set, path).names);
}
