/** A config is some kilobytes; what is longer is something else. */
const mostConfigBytes = 1 << 20;

/** A path that leads to something which cannot be a config; the message says to what. */
export class NoConfigFile extends Error {
  override name = "NoConfigFile";
}

/**
 * The bytes of a config file. A device or a pipe may have no end, and a file of the kernel may have another size than it
 * says, so that no more is read than a config can have.
 *
 * @throws {NoConfigFile} when it is no regular file, or too long
 * @throws what the file system says
 */
export function readConfigFile(path: string): Uint8Array {
  const { isFile, isDirectory } = Deno.statSync(path);
  if (isDirectory) throw new NoConfigFile("a folder");
  if (!isFile) throw new NoConfigFile("a device or a pipe");
  using file = Deno.openSync(path);
  const bytes = new Uint8Array(mostConfigBytes + 1);
  let length = 0;
  while (length < bytes.length) {
    const count = file.readSync(bytes.subarray(length));
    if (count === null) return bytes.subarray(0, length);
    length += count;
  }
  throw new NoConfigFile("a file of more than 1 MiB");
}
