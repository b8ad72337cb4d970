/**
 * The tree of a commit, from git's object files.
 *
 * @module
 */
import { inflateSync } from "node:zlib";
import { join } from "@std/path";
import { isAbsent, namesIn } from "../files/file_tree.ts";

/** Most bytes of a packed commit that are read: far more than any message takes. */
const mostCommitBytes = 1 << 16;

/** Name of the tree that a commit is of; undefined when its object is not here or is stored as a difference. */
export function treeOfCommit(
  objectsDirectory: string,
  commit: string,
): string | undefined {
  const text = looseObject(objectsDirectory, commit) ??
    packedCommit(join(objectsDirectory, "pack"), commit);
  return text === undefined
    ? undefined
    : /(?:^|\0)tree ([0-9a-f]{40})\n/.exec(text)?.[1];
}

function looseObject(folder: string, name: string): string | undefined {
  const path = join(folder, name.slice(0, 2), name.slice(2));
  try {
    return new TextDecoder().decode(inflateSync(Deno.readFileSync(path)));
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function packedCommit(folder: string, name: string): string | undefined {
  for (const index of namesIn(folder).filter((name) => name.endsWith(".idx"))) {
    const offset = findInPack(Deno.readFileSync(join(folder, index)), name);
    if (offset === undefined) continue;
    return readPacked(join(folder, index.replace(/idx$/, "pack")), offset);
  }
  return undefined;
}

/**
 * Where a pack has an object, by its index of version 2: 8 bytes of header, 256 counts of the names up to each first byte,
 * then the names, their checksums and their offsets, each in the order of the names.
 */
function findInPack(index: Uint8Array, name: string): number | undefined {
  const view = new DataView(index.buffer, index.byteOffset, index.length);
  if (view.getUint32(0) !== 0xff744f63 || view.getUint32(4) !== 2) {
    return undefined;
  }
  const firstByte = parseInt(name.slice(0, 2), 16);
  const count = (byte: number) => byte < 0 ? 0 : view.getUint32(8 + 4 * byte);
  const namesAt = 8 + 4 * 256;
  const total = count(255);
  const wanted = name.match(/../g)!.map((pair) => parseInt(pair, 16));
  for (let i = count(firstByte - 1); i < count(firstByte); i++) {
    const at = namesAt + 20 * i;
    if (wanted.some((byte, place) => index[at + place] !== byte)) continue;
    const offset = view.getUint32(namesAt + 24 * total + 4 * i);
    return offset < 2 ** 31 ? offset : undefined; // packs beyond 2 GiB
  }
  return undefined;
}

/** The text of a commit that is stored whole: type and size in a few bytes, then zlib. */
function readPacked(pack: string, offset: number): string | undefined {
  using file = Deno.openSync(pack);
  file.seekSync(offset, Deno.SeekMode.Start);
  const bytes = new Uint8Array(mostCommitBytes);
  const length = file.readSync(bytes) ?? 0;
  const isCommit = ((bytes[0] >> 4) & 7) === 1;
  if (!isCommit) return undefined;
  let start = 0;
  while (bytes[start] & 0x80) start++;
  return new TextDecoder().decode(
    inflateSync(bytes.subarray(start + 1, length)),
  );
}
