import { dirname } from "@std/path";
import { writeThrough } from "../../data/whole_file.ts";
import { PipelineError } from "../errors.ts";
import { withFileErrors } from "./file_errors.ts";
import { removeTree } from "./file_tree.ts";
import { refuseLink } from "./links.ts";

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
  refuseLink("write a file", partial);
  await removeTree(partial); // of a killed process
  await writeThrough(path, new TextEncoder().encode(text), {
    partial,
    sync,
    writtenByAnother: () => writtenByAnother(path),
  });
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
