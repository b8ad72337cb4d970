/**
 * Files by the sha-256 of their content.
 *
 * @module
 */
import { basename, dirname, join } from "@std/path";
import { withFileErrors } from "../files/file_errors.ts";
import { isAbsent } from "../files/file_tree.ts";
import { sha256File } from "../files/hash.ts";
import { refuseLink } from "../files/links.ts";
import { moveFile } from "../files/move_file.ts";
import { temporaryPath } from "../files/write_file.ts";
import { syncDirectory } from "../files/sealed_json.ts";

/**
 * Modification time of every object, in seconds since 1970. Whatever writes to an object changes it, so that a touched
 * object is told from an untouched one by its directory entry alone.
 */
const objectTimeSeconds = 946_684_800;

/** Whether an object can be used. */
export type ObjectState = "present" | "missing" | "damaged";

/**
 * Objects lie at `<root>/ab/<64 hexadecimal digits>`, read-only, and are replaced only by rename.
 *
 * An object that turns out to hold other bytes than its name says goes to the quarantine folder and counts as missing.
 * Files leave the store as copies, never as hard links that a user could edit: `copyFile` shares blocks where the file
 * system can (btrfs, XFS), so a copy costs nothing there. Only {@linkcode linkTo}, for the private input folders of a running
 * stage, makes hard links.
 */
export class ObjectStore {
  readonly root: string;
  readonly quarantineDirectory: string;
  /** objects whose bytes this process has hashed, and when each was last written to, in milliseconds since 1970 */
  readonly #verified = new Map<string, number>();
  /** folders with new entries that have not been synced */
  readonly #unsynced = new Set<string>();

  constructor(root: string, quarantine: string) {
    this.root = root;
    this.quarantineDirectory = quarantine;
  }

  /** Where the object with this digest lies, or would lie. */
  path(digest: string): string {
    return join(this.root, digest.slice(0, 2), digest);
  }

  /**
   * Moves a file into the store: hashed, synced, renamed. An object of the same digest is replaced, since the bytes at
   * hand are known to be good. It survives a power cut once {@linkcode sync} has returned.
   */
  async take(file: string): Promise<{ digest: string; sizeBytes: number }> {
    const { digest, sizeBytes } = await sha256File(file);
    const target = this.path(digest);
    refuseLink("store a result", dirname(target));
    await withFileErrors("store a result", target, async () => {
      await Deno.chmod(file, 0o444);
      {
        using opened = await Deno.open(file, { read: true });
        await opened.sync();
      }
      await Deno.mkdir(dirname(target), { recursive: true });
      await Deno.utime(file, objectTimeSeconds, objectTimeSeconds);
      await moveFile(file, target);
      this.#unsynced.add(dirname(target));
    });
    this.#verified.set(digest, objectTimeSeconds * 1000);
    return { digest, sizeBytes };
  }

  /** Makes every object taken so far survive a power cut; call it before a record names them. */
  async sync(): Promise<void> {
    for (const folder of this.#unsynced) {
      await withFileErrors(
        "store a result",
        folder,
        () => syncDirectory(folder),
      );
      this.#unsynced.delete(folder);
    }
  }

  /**
   * The state of an object as its directory entry tells it; a touched object of the right size is hashed to find out.
   * Does not detect bytes that changed behind the file system's back: {@linkcode verify} does.
   */
  async look(digest: string, sizeBytes: number): Promise<ObjectState> {
    const path = this.path(digest);
    let info: Deno.FileInfo;
    try {
      info = Deno.lstatSync(path);
    } catch (error) {
      if (isAbsent(error)) return "missing";
      throw error;
    }
    if (!info.isFile || info.size !== sizeBytes) return "damaged";
    const writtenMs = info.mtime?.getTime() ?? 0;
    const isUntouched = writtenMs === objectTimeSeconds * 1000;
    if (isUntouched || this.#verified.get(digest) === writtenMs) {
      return "present";
    }
    return await this.#hash(digest, path, writtenMs);
  }

  /** Whether the object's bytes are those its name says; reads all of them, once per process. */
  async verify(digest: string, sizeBytes: number): Promise<ObjectState> {
    const state = await this.look(digest, sizeBytes);
    if (state !== "present") return state;
    const path = this.path(digest);
    const writtenMs = Deno.lstatSync(path).mtime?.getTime() ?? 0;
    if (this.#verified.get(digest) === writtenMs) return "present";
    return await this.#hash(digest, path, writtenMs);
  }

  async #hash(
    digest: string,
    path: string,
    writtenMs: number,
  ): Promise<ObjectState> {
    if ((await sha256File(path)).digest !== digest) return "damaged";
    this.#verified.set(digest, writtenMs);
    return "present";
  }

  /** Puts a damaged object out of the way, for whoever wants to look at it. */
  async quarantine(digest: string): Promise<void> {
    const attempt = "set a damaged object aside";
    this.#verified.delete(digest);
    refuseLink(attempt, dirname(this.path(digest)));
    await withFileErrors(attempt, digest, async () => {
      await Deno.mkdir(this.quarantineDirectory, { recursive: true });
      const target = join(this.quarantineDirectory, `${digest}.${Date.now()}`);
      try {
        await moveFile(this.path(digest), target);
      } catch (error) {
        if (!isAbsent(error)) throw error;
      }
    });
  }

  /** Makes a verified object appear at `target`, for reading only: a hard link, or a copy where links do not work. */
  async linkTo(digest: string, target: string): Promise<void> {
    await Deno.mkdir(dirname(target), { recursive: true });
    try {
      await Deno.link(this.path(digest), target);
    } catch (error) {
      // Copying onto an existing link of the object would empty the object itself.
      if (error instanceof Deno.errors.AlreadyExists) throw error;
      await Deno.copyFile(this.path(digest), target); // no hard links here, or their limit reached
    }
  }

  /**
   * Copies an object to `target`, replacing what is there only after the copy's bytes have been verified; `partials`
   * is a folder on the target's file system for the unfinished copy.
   *
   * @returns false, and leaves the target alone, when the object is missing or damaged
   */
  async copyTo(
    digest: string,
    target: string,
    partials: string,
  ): Promise<boolean> {
    await Deno.mkdir(partials, { recursive: true });
    const partial = temporaryPath(join(partials, basename(target)));
    try {
      await Deno.copyFile(this.path(digest), partial);
    } catch (error) {
      if (isAbsent(error)) return false;
      throw error;
    }
    if ((await sha256File(partial)).digest !== digest) {
      await Deno.remove(partial);
      return false;
    }
    await Deno.chmod(partial, 0o644); // copyFile keeps the object's read-only mode
    await Deno.mkdir(dirname(target), { recursive: true });
    await Deno.rename(partial, target);
    return true;
  }
}
