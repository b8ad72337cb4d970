import { JsonExcess, parseJson } from "../../data/json_text.ts";

/** A path that leads to something which cannot be the file that is meant; the message says to what. */
export class WrongKindOfFile extends Error {
  override name = "WrongKindOfFile";
}

/** No text that a user writes, and no results, are longer. */
const usualMostBytes = 64 << 20;

/**
 * The bytes of a regular file. A device or a pipe may have no end, and a file of the kernel may have another size than it
 * says, so that no more is read than there may be.
 *
 * @throws {WrongKindOfFile} when it is no regular file, or has more than `mostBytes`
 * @throws what the file system says
 */
export function readRegularFile(
  path: string,
  mostBytes = usualMostBytes,
): Uint8Array {
  const { isFile, isDirectory, size } = Deno.statSync(path);
  if (isDirectory) throw new WrongKindOfFile("a folder");
  if (!isFile) throw new WrongKindOfFile("a device or a pipe");
  if (size > mostBytes) throw tooLong(mostBytes);
  using file = Deno.openSync(path);
  let bytes = new Uint8Array(size + 1);
  let length = 0;
  for (;;) {
    const count = file.readSync(bytes.subarray(length));
    if (count === null) return bytes.subarray(0, length);
    length += count;
    if (length > mostBytes) throw tooLong(mostBytes);
    if (length < bytes.length) continue;
    const longer = new Uint8Array(Math.min(2 * length, mostBytes + 1));
    longer.set(bytes);
    bytes = longer;
  }
}

/**
 * The JSON of a regular file.
 *
 * @throws {SyntaxError} when it is none
 * @throws {WrongKindOfFile} when it holds more than any file of this program; otherwise as {@linkcode readRegularFile}
 */
export function readJsonFile(path: string): unknown {
  const text = new TextDecoder().decode(readRegularFile(path));
  try {
    return parseJson(text);
  } catch (error) {
    throw error instanceof JsonExcess
      ? new WrongKindOfFile(error.message)
      : error;
  }
}

function tooLong(mostBytes: number): WrongKindOfFile {
  const size = mostBytes < 1 << 20
    ? `${mostBytes >> 10} KiB`
    : `${mostBytes >> 20} MiB`;
  return new WrongKindOfFile(`a file of more than ${size}`);
}
