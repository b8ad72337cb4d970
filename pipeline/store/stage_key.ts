import { dirname, relative } from "@std/path";
import { sha256Json } from "../files/hash.ts";
import type { StageFacts } from "./action_record.ts";

/**
 * The key of a stage: sha-256 of everything that can change its outputs. Outside files count by content and by their
 * places below the folder they share, not by where that folder is.
 */
export function stageKey(facts: StageFacts): string {
  return sha256Json({ ...facts, external: placedFiles(facts) });
}

/** One digest of the files outside the store, as they count in the key; null when there are none. */
export function externalDigest(facts: StageFacts): string | null {
  return facts.external.length === 0 ? null : sha256Json(placedFiles(facts));
}

/** Outside files by their places below the folder they share. */
export function placedFiles({ external }: StageFacts): [string, string][] {
  const folder = sharedFolder(external.map(({ path }) => path));
  return external.map(({ path, digest }) => [relative(folder, path), digest]);
}

/** The innermost folder that all paths lie in. */
function sharedFolder(paths: readonly string[]): string {
  if (paths.length === 0) return "";
  let folder = dirname(paths[0]);
  const holds = (path: string) => path.startsWith(`${folder}/`);
  while (!paths.every(holds) && dirname(folder) !== folder) {
    folder = dirname(folder);
  }
  return folder;
}
