/**
 * Symbolic links where this program keeps its own files: it writes and removes there, so that a link would carry both to
 * files of somebody else.
 *
 * @module
 */
import { PipelineError } from "../errors.ts";
import { isAbsent } from "./file_tree.ts";

/**
 * Refuses a link at a place that this program is about to use.
 *
 * @param attempt what it is about to do there
 * @throws {PipelineError} when there is one
 */
export function refuseLink(attempt: string, path: string): void {
  if (!isLink(path)) return;
  throw new PipelineError({
    attempt,
    where: path,
    found: "a symbolic link",
    wanted: "a place of this program's own",
    remedy:
      "remove the link; to use another disk, name folders on it with --cache and --runs",
  });
}

function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}
