import { DataError, fileFault } from "./errors.ts";

/** How {@linkcode writeThrough} writes. */
export interface WriteThrough {
  /** where the file grows; nothing may be there */
  partial: string;
  /** whether the bytes are on the disk before they take the name */
  sync: boolean;
  /** what is thrown when another process writes there, too */
  writtenByAnother: () => Error;
}

/**
 * Writes a file that takes its name when it is whole: a reader sees the old bytes or the new ones, and a failure leaves what was there
 * before and nothing else.
 *
 * @throws what the file system says
 */
export async function writeThrough(
  path: string,
  bytes: Uint8Array,
  { partial, sync, writtenByAnother }: WriteThrough,
): Promise<void> {
  let isOurs = false;
  try {
    {
      using file = await Deno.open(partial, { write: true, createNew: true });
      isOurs = true;
      for (let done = 0; done < bytes.byteLength;) {
        done += await file.write(bytes.subarray(done));
      }
      if (sync) await file.sync();
      const { ino } = await file.stat();
      isOurs = (await Deno.stat(partial)).ino === ino;
      if (!isOurs) throw writtenByAnother();
    }
    await Deno.rename(partial, path);
  } catch (error) {
    if (isOurs) await Deno.remove(partial).catch(() => {}); // the first error is the one to tell
    throw error;
  }
}

/**
 * {@linkcode writeThrough} a temporary file beside it. What a killed process has left of that goes with the next attempt.
 *
 * @param attempt what to call it in an error: "write safetensors"
 * @throws {DataError} when the place cannot be written
 */
export async function writeWholeFile(
  path: string,
  bytes: Uint8Array,
  attempt: string,
): Promise<void> {
  const partial = `${path}.partial`;
  const fail = (found: string) =>
    new DataError({
      attempt,
      where: path,
      found,
      wanted: "a folder that can be written, with room for the file",
      remedy: "create the folder, free space or choose another place",
    });
  try {
    await removeFile(partial);
    await writeThrough(path, bytes, {
      partial,
      sync: true,
      writtenByAnother: () => fail("another process that writes it, too"),
    });
  } catch (error) {
    throw error instanceof DataError ? error : fail(fileFault(error));
  }
}

async function removeFile(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
