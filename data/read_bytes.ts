import { DataError, fileFault } from "./errors.ts";

/** How a file is read. */
export interface ReadBytesOptions {
  /** what to call it in an error: "read the image" */
  attempt: string;
  /** what the file should be: "a readable file" */
  wanted?: string;
  remedy?: string;
  /** larger files are refused unread */
  mostBytes?: number;
}

/** No file that is read whole is larger: weights with their optimizer's state take a tenth of it. */
const usualMostBytes = 2 ** 31;

/**
 * The bytes of a regular file. A device or pipe, which may never end, is refused unread.
 *
 * @throws {DataError} when it is missing, no regular file, too large, or cannot be read
 */
export async function readBytes(
  path: string,
  {
    attempt,
    wanted = "a readable file",
    remedy,
    mostBytes = usualMostBytes,
  }: ReadBytesOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const refuse = (found: string, what = wanted) =>
    new DataError({
      attempt,
      where: path,
      found,
      wanted: what,
      ...(remedy === undefined ? {} : { remedy }),
    });
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(path);
  } catch (error) {
    throw refuse(fileFault(error));
  }
  if (!info.isFile) {
    throw refuse(info.isDirectory ? "a folder" : "a device or pipe");
  }
  if (info.size > mostBytes) {
    throw refuse(`a file of ${info.size} bytes`, `at most ${mostBytes} bytes`);
  }
  try {
    return await Deno.readFile(path);
  } catch (error) {
    throw refuse(fileFault(error));
  }
}
