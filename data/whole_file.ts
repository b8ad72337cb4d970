import { DataError, fileFault } from "./errors.ts";

/**
 * Writes a file through a temporary one beside it, so that a reader never meets half of it and a failure leaves what was
 * there before. What a killed process has left of it goes with the next attempt.
 *
 * @param attempt what to call it in an error: "write safetensors"
 * @throws {DataError} when the place cannot be written
 */
export async function writeWholeFile(
  path: string,
  bytes: Uint8Array,
  attempt: string,
): Promise<void> {
  const temporary = `${path}.partial`;
  const fail = (found: string) =>
    new DataError({
      attempt,
      where: path,
      found,
      wanted: "a folder that can be written, with room for the file",
      remedy: "create the folder, free space or choose another place",
    });
  let isOurs = false;
  try {
    await removeFile(temporary);
    using file = await Deno.open(temporary, { write: true, createNew: true });
    isOurs = true;
    for (let done = 0; done < bytes.byteLength;) {
      done += await file.write(bytes.subarray(done));
    }
    await file.syncData();
    const { ino } = await file.stat();
    isOurs = (await Deno.stat(temporary)).ino === ino;
    if (!isOurs) throw fail("another process that writes it, too");
    await Deno.rename(temporary, path);
  } catch (error) {
    if (isOurs) await Deno.remove(temporary).catch(() => {}); // the first error is the one to tell
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
