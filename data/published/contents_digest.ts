import { createHash } from "node:crypto";
import { join } from "@std/path";
import { DataError, fileFault } from "../errors.ts";

/**
 * Digest of what a folder holds, whatever it was packed in: SHA-256 over one line a file, `<sha-256 in hexadecimal>␣␣<name>\n`, sorted by
 * name; what `sha256sum` prints, so that `LC_ALL=C sha256sum <names, sorted> | sha256sum` gives the same.
 */
export class ContentsDigest {
  readonly #lines = new Map<string, string>();

  /** Adds a file by its `/`-separated name and the SHA-256 of its bytes, in hexadecimal. */
  add(name: string, sha256: string): void {
    this.#lines.set(name, `${sha256}  ${name}\n`);
  }

  /** 64 hexadecimal digits. */
  digest(): string {
    const hash = createHash("sha256");
    for (const name of [...this.#lines.keys()].sort()) {
      hash.update(this.#lines.get(name)!);
    }
    return hash.digest("hex");
  }
}

/**
 * The contents digest of files in a folder.
 *
 * @param names relative to the folder, `/`-separated
 * @throws {DataError} when a file cannot be read
 */
export async function digestFolder(
  directory: string,
  names: readonly string[],
): Promise<string> {
  const contents = new ContentsDigest();
  for (const name of names) {
    const path = join(directory, name);
    try {
      contents.add(name, await hashFile(path, "sha256"));
    } catch (error) {
      throw new DataError({
        attempt: "read the data sets",
        where: path,
        found: fileFault(error),
      });
    }
  }
  return contents.digest();
}

/** Hash of a file in hexadecimal, read as a stream. @throws what reading it throws */
export async function hashFile(
  path: string,
  algorithm: "md5" | "sha256",
): Promise<string> {
  using file = await Deno.open(path);
  const hash = createHash(algorithm);
  const buffer = new Uint8Array(1 << 20);
  for (;;) {
    const count = await file.read(buffer);
    if (count === null) return hash.digest("hex");
    hash.update(buffer.subarray(0, count));
  }
}
