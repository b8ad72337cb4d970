/**
 * Whether paths lead to the same bytes as before.
 *
 * A file may be written to, or replaced; a link or a folder on the way to it may be exchanged; and all of that may be put back. What
 * stands on the way is stamped together with the file, so that putting back shows, too.
 *
 * @module
 */
import { dirname, resolve } from "@std/path";
import { ifThere } from "../files/if_there.ts";

/** What tells that a file, link or folder is the same and was left alone. */
interface Stamp {
  isFolder: boolean;
  inode: number | null;
  /** size and time of the last write; of a folder, when a name in it came or went */
  written: string;
  /** when the inode last changed, which nobody can set back; in whole seconds */
  changed: number | undefined;
  /** how many names the inode has */
  names: number | null;
}

/** Stamps of some paths and of everything on the way to them, as they were at one time. */
export class PathStamps {
  /** undefined: nothing was there */
  readonly #stamps = new Map<string, Stamp | undefined>();
  /** folders in which no name may come or go */
  readonly #searched = new Set<string>();

  /**
   * Stamps paths as they are now.
   *
   * @param files what is read
   * @param searched folders that are searched for files: of them and of those below them that lead to a file no name may come or go
   */
  constructor(files: readonly string[], searched: readonly string[] = []) {
    for (const path of searched) this.#searched.add(resolve(path));
    for (const path of [...searched, ...files]) this.#addWay(resolve(path));
  }

  /** The first path that is not as it was; undefined when all are. */
  firstChanged(): string | undefined {
    for (const [path, before] of this.#stamps) {
      const now = stampOf(path);
      const isSame = isUnchanged(before, now) &&
        (!this.#searched.has(path) || before?.written === now?.written);
      if (!isSame) return path;
    }
    return undefined;
  }

  /** Stamps a path, the folders around it, and what it leads to where it is a link. @returns whether it is searched */
  #addWay(path: string): boolean {
    const folder = dirname(path);
    const isWithin = folder !== path && this.#addWay(folder);
    if (!this.#stamps.has(path)) {
      const stamp = stampOf(path);
      this.#stamps.set(path, stamp);
      if (isWithin && stamp?.isFolder) this.#searched.add(path);
      const target = targetOf(path);
      if (target !== undefined) {
        if (this.#searched.has(path)) this.#searched.add(target);
        this.#addWay(target);
      }
    }
    return this.#searched.has(path);
  }
}

function stampOf(path: string): Stamp | undefined {
  return ifThere(() => {
    const { isDirectory, ino, size, mtime, ctime, nlink } = Deno.lstatSync(
      path,
    );
    return {
      isFolder: isDirectory,
      inode: ino,
      written: `${size} ${mtime?.getTime()}`,
      changed: ctime?.getTime(),
      names: nlink,
    };
  });
}

/** Where a link leads; undefined when it is none. */
function targetOf(path: string): string | undefined {
  return ifThere(() =>
    Deno.lstatSync(path).isSymlink
      ? resolve(Deno.realPathSync(dirname(path)), Deno.readLinkSync(path))
      : undefined
  );
}

/**
 * Whether nothing was written in between, and it is what it was. The inode of a folder changes when a name in it comes or goes, and then it
 * was written to; otherwise it was itself renamed, and perhaps another one stood in its place. Another name for a file changes its inode as
 * well: package managers link the files of one store into every project.
 */
function isUnchanged(before?: Stamp, now?: Stamp): boolean {
  if (before === undefined || now === undefined) return before === now;
  if (before.inode !== now.inode || before.isFolder !== now.isFolder) {
    return false;
  }
  const isWritten = before.written !== now.written;
  if (now.isFolder) return isWritten || before.changed === now.changed;
  return !isWritten &&
    (before.changed === now.changed || before.names !== now.names);
}
