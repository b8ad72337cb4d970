import { refuseLink } from "./links.ts";
import { dirname } from "@std/path";
import { PipelineError } from "../errors.ts";
import { withFileErrors } from "./file_errors.ts";
import { removeTree } from "./file_tree.ts";

/** A counter makes the temporary names of one thread differ; pid and the thread's start those of two, on two machines too. */
let temporaryCount = 0;

const threadName = `${Deno.pid}-${
  Math.round(performance.timeOrigin * 1000).toString(36)
}`;

/** A name beside `path` that nothing else uses; whoever cleans up may delete what ends like this. */
export function temporaryPath(path: string): string {
  return `${path}.${threadName}-${temporaryCount++}.partial`;
}

/** How {@linkcode replaceFile} writes. */
export interface ReplaceOptions {
  /** where it grows; by default a name that nothing else uses */
  partial?: string;
  /** whether the bytes are on the disk before they take the name */
  sync?: boolean;
}

/**
 * Writes a file beside `path` that then takes its name: a reader sees the old text or the new one, and a failure leaves
 * nothing.
 *
 * @throws what the file system says
 */
export async function replaceFile(
  path: string,
  text: string,
  { partial = temporaryPath(path), sync = false }: ReplaceOptions = {},
): Promise<void> {
  let isOurs = false;
  try {
    refuseLink("write a file", partial);
    await removeTree(partial); // of a killed process
    {
      const mode = { write: true, createNew: true };
      using file = await Deno.open(partial, mode);
      isOurs = true;
      let bytes = new TextEncoder().encode(text);
      while (bytes.length > 0) bytes = bytes.subarray(await file.write(bytes));
      if (sync) await file.sync();
      const { ino } = await file.stat();
      isOurs = (await Deno.stat(partial)).ino === ino;
      if (!isOurs) throw writtenByAnother(path);
    }
    await Deno.rename(partial, path);
  } catch (error) {
    if (isOurs) await Deno.remove(partial).catch(() => {}); // the first error is the one to tell
    throw error;
  }
}

function writtenByAnother(where: string): PipelineError {
  return new PipelineError({
    attempt: "write a file",
    where,
    found: "another process that writes it, too",
    remedy: "run again when that one has ended",
  });
}

/**
 * {@linkcode replaceFile} for what a user asked for. Makes the folder if need be. Where it grows has one name, so that what a killed process
 * has left there goes with the next attempt: nobody else tidies up there.
 *
 * @param attempt what to call it in an error: "write a result"
 * @throws {PipelineError} when the place cannot be written
 */
export function writeFileAtomically(
  attempt: string,
  path: string,
  text: string,
  options: ReplaceOptions = {},
): Promise<void> {
  return withFileErrors(attempt, path, async () => {
    await Deno.mkdir(dirname(path), { recursive: true });
    await replaceFile(path, text, { partial: `${path}.partial`, ...options });
  });
}
