/**
 * Whether the code that this process has loaded is the code that lies on disk.
 *
 * @module
 */
import { join } from "@std/path";
import { PipelineError } from "../errors.ts";
import { isAbsent } from "../files/file_tree.ts";
import type { CodeDigest } from "./code_digest.ts";

/** Files of a project that decide how its code is loaded. */
const settingsFiles = ["deno.json", "deno.lock"];

/**
 * How much earlier than the true time a file's time may be: the kernel's clock for files ticks every few milliseconds, and
 * Deno reads its settings shortly before its clock starts.
 */
const clockSlackMs = 50;

/**
 * Refuses code of which nobody can tell whether it was loaded before or after its last edit. Call it when the code has
 * been digested: what was written to before the thread began, and not since, is what the thread has loaded.
 *
 * @param startMs when the thread began that loaded the code, in milliseconds since 1970
 * @throws {PipelineError} when one of the files was written to since
 */
export function refuseCodeNewerThan(
  startMs: number,
  { files, root }: CodeDigest,
): void {
  for (const file of [...settingsFiles, ...Object.keys(files)]) {
    if (changeTimeMs(join(root, file)) >= startMs - clockSlackMs) {
      throw editedCode("tell which code was loaded", file);
    }
  }
}

/** The refusal of code that is perhaps not what was loaded. */
export function editedCode(attempt: string, file: string): PipelineError {
  return new PipelineError({
    attempt,
    where: file,
    found: "code that was edited after this command started",
    remedy: "run the same command again",
  });
}

/** When a file was last changed, or a little later; 0 when it is not there. */
function changeTimeMs(path: string): number {
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(path);
  } catch (error) {
    if (isAbsent(error)) return 0;
    throw error;
  }
  const writtenMs = info.mtime?.getTime() ?? 0;
  const changedMs = info.ctime?.getTime();
  if (changedMs === undefined) return writtenMs; // Windows
  // Deno tells the change time, which cannot be set back, in whole seconds; the other one is exact, where they agree.
  const second = Math.floor(changedMs / 1000);
  return Math.floor(writtenMs / 1000) === second
    ? writtenMs
    : second * 1000 + 999;
}
