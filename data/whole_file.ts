import { DataError, fileFault } from "./errors.ts";

/**
 * Writes a file through a temporary one beside it, so that a reader never meets half of it and a failure leaves what was
 * there before.
 *
 * @param attempt what to call it in an error: "write safetensors"
 * @throws {DataError} when the place cannot be written
 */
export async function writeWholeFile(
  path: string,
  bytes: Uint8Array,
  attempt: string,
): Promise<void> {
  const temporary = `${path}.${Deno.pid}.partial`;
  try {
    using file = await Deno.open(temporary, {
      write: true,
      create: true,
      truncate: true,
    });
    for (let done = 0; done < bytes.byteLength;) {
      done += await file.write(bytes.subarray(done));
    }
    await file.syncData();
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {}); // it may never have been made
    throw new DataError({
      attempt,
      where: path,
      found: fileFault(error),
      wanted: "a folder that can be written, with room for the file",
      remedy: "create the folder, free space or choose another place",
    });
  }
}
