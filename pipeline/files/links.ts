/**
 * What stands where this program keeps its own files: it writes and removes there, so that a link would carry both to files of
 * somebody else, and a file in place of a folder would be found when a result is to be kept, hours later.
 *
 * @module
 */
import { PipelineError } from "../errors.ts";
import { ifThere } from "./if_there.ts";

/**
 * Refuses a link at a place that this program is about to use.
 *
 * @param attempt what it is about to do there
 * @throws {PipelineError} when there is one
 */
export function refuseLink(attempt: string, path: string): void {
  if (infoOf(path)?.isSymlink !== true) return;
  throw new PipelineError({
    attempt,
    where: path,
    found: "a symbolic link",
    wanted: "a place of this program's own",
    remedy:
      "remove the link; to use another disk, name folders on it with --cache and --runs",
  });
}

/**
 * Refuses anything but a folder at a place where this program keeps one.
 *
 * @param attempt what it is about to do there
 * @throws {PipelineError} when something else is there
 */
export function refuseFile(attempt: string, path: string): void {
  if (infoOf(path)?.isDirectory ?? true) return;
  throw new PipelineError({
    attempt,
    where: path,
    found: "a file",
    wanted: "a folder of this program's own",
    remedy: "move the file elsewhere",
  });
}

/**
 * Refuses a folder at a place where this program keeps a file: what somebody put there is not this program's to remove.
 *
 * @param attempt what it is about to do there
 * @throws {PipelineError} when there is one
 */
export function refuseFolder(attempt: string, path: string): void {
  if (infoOf(path)?.isDirectory !== true) return;
  throw new PipelineError({
    attempt,
    where: path,
    found: "a directory in place of a file",
    remedy: "move that directory away",
  });
}

/** What is at a place, a link itself and not what it leads to; undefined when nothing is, or no more. */
export function infoOf(path: string): Deno.FileInfo | undefined {
  return ifThere(() => Deno.lstatSync(path));
}
