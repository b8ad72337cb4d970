/**
 * What git has noted of the files in a work tree: its index, versions 2 and 3.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "@std/path";
import { isAbsent } from "../files/file_tree.ts";

/** A tracked file as it was when git last looked. */
export class TrackedFile {
  readonly path: string;
  readonly #digest: string;
  readonly #sizeBytes: number;
  readonly #modifiedSeconds: number;
  readonly #modifiedNanoseconds: number;
  readonly #isLink: boolean;

  constructor(path: string, entry: DataView) {
    this.path = path;
    this.#modifiedSeconds = entry.getUint32(8);
    this.#modifiedNanoseconds = entry.getUint32(12);
    this.#isLink = (entry.getUint32(24) >> 12) === 0o12;
    this.#sizeBytes = entry.getUint32(36);
    this.#digest = hexadecimal(entry, 40);
  }

  /** Whether the file now holds something else; its bytes are read only when size or time tell nothing. */
  differs(workTree: string): boolean {
    const path = join(workTree, this.path);
    let info: Deno.FileInfo;
    try {
      info = Deno.lstatSync(path);
    } catch (error) {
      if (isAbsent(error)) return true;
      throw error;
    }
    if (info.isDirectory) return false; // a submodule: a repository of its own
    if (info.isSymlink !== this.#isLink) return true;
    const modifiedMs = this.#modifiedSeconds * 1000 +
      Math.floor(this.#modifiedNanoseconds / 1e6);
    const isSameSize = info.size % 2 ** 32 === this.#sizeBytes;
    if (isSameSize && info.mtime?.getTime() === modifiedMs) return false;
    return this.#digest !== blobDigest(
      this.#isLink
        ? new TextEncoder().encode(Deno.readLinkSync(path))
        : Deno.readFileSync(path),
    );
  }
}

/** git's name for a file's content. */
function blobDigest(bytes: Uint8Array): string {
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes)
    .digest("hex");
}

/**
 * The tracked files, and the name of the tree that they would be committed as (undefined when git has not worked it out);
 * undefined for an index of another version.
 */
export function readGitIndex(
  path: string,
): { files: TrackedFile[]; tree: string | undefined } | undefined {
  const bytes = Deno.readFileSync(path);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const version = view.getUint32(4);
  if (view.getUint32(0) !== 0x44495243 || version < 2 || version > 3) { // "DIRC"
    return undefined;
  }
  const files: TrackedFile[] = [];
  const decoder = new TextDecoder();
  let at = 12;
  for (let count = view.getUint32(8); count > 0; count--) {
    const isExtended = (view.getUint16(at + 60) & 0x4000) !== 0;
    const nameAt = at + 62 + (isExtended ? 2 : 0);
    const nameEnd = bytes.indexOf(0, nameAt);
    const entry = new DataView(view.buffer, view.byteOffset + at, 62);
    const name = decoder.decode(bytes.subarray(nameAt, nameEnd));
    files.push(new TrackedFile(name, entry));
    at += Math.ceil((nameEnd - at + 1) / 8) * 8; // one to eight zeros follow
  }
  return { files, tree: cachedTree(bytes, view, at) };
}

/** The root of the `TREE` extension: `\0<entries> <subtrees>\n<20 bytes>`, with -1 entries when it is out of date. */
function cachedTree(
  bytes: Uint8Array,
  view: DataView,
  start: number,
): string | undefined {
  for (let at = start; at + 8 < bytes.length - 20;) {
    const sizeBytes = view.getUint32(at + 4);
    if (view.getUint32(at) === 0x54524545) { // "TREE"
      const end = bytes.indexOf(0x0a, at + 8);
      const root = new TextDecoder().decode(bytes.subarray(at + 9, end));
      return root.startsWith("-") ? undefined : hexadecimal(view, end + 1);
    }
    at += 8 + sizeBytes;
  }
  return undefined;
}

/** Twenty bytes as forty digits. */
function hexadecimal(view: DataView, at: number): string {
  return Array.from(
    { length: 20 },
    (_, index) => view.getUint8(at + index).toString(16).padStart(2, "0"),
  ).join("");
}
