import { dirname } from "@std/path";
import { DataError, fileFault } from "../errors.ts";
import { writePiece } from "../transfer_bound.ts";

/** What is known about the file that a partial one is a beginning of. */
export interface PartialOrigin {
  url: string;
  /** see `FileAnswer` */
  validator: string;
  /** size of the whole file; null when nobody knows */
  totalBytes: number | null;
}

/**
 * A download under way: `<path>.partial` with what has come, and `<path>.partial.json` with where it comes from. The description is
 * written before the first byte and removed after the last, so that bytes never count as the beginning of another file.
 */
export class PartialFile {
  readonly dataPath: string;
  readonly #originPath: string;

  constructor(path: string) {
    this.dataPath = `${path}.partial`;
    this.#originPath = `${path}.partial.json`;
  }

  /** Where it lies. */
  get folder(): string {
    return dirname(this.dataPath);
  }

  /** What was begun and how much of it is there; undefined when nothing usable is. */
  read(): { origin: PartialOrigin; doneBytes: number } | undefined {
    try {
      const origin = JSON.parse(Deno.readTextFileSync(this.#originPath));
      const doneBytes = Deno.statSync(this.dataPath).size;
      return isOrigin(origin) && doneBytes > 0
        ? { origin, doneBytes }
        : undefined;
    } catch (error) {
      if (
        error instanceof Deno.errors.NotFound || error instanceof SyntaxError
      ) return undefined;
      throw this.#unusable(error);
    }
  }

  /** Begins anew. */
  begin(origin: PartialOrigin): void {
    this.remove();
    this.describe(origin);
  }

  /** Replaces the description. */
  describe(origin: PartialOrigin): void {
    Deno.writeTextFileSync(this.#newOriginPath, JSON.stringify(origin));
    Deno.renameSync(this.#newOriginPath, this.#originPath);
  }

  /**
   * Appends pieces as they come.
   *
   * @param mostBytes what there may be at the end
   * @param onPiece told after each how many bytes there are
   * @returns how many bytes there are at the end
   * @throws {TooLarge} when more comes, or the disk is full
   */
  async append(
    pieces: AsyncIterable<Uint8Array>,
    mostBytes: number,
    onPiece: (doneBytes: number) => void,
  ): Promise<number> {
    using file = Deno.openSync(this.dataPath, { append: true, create: true });
    let doneBytes = file.statSync().size;
    for await (const piece of pieces) {
      doneBytes = await writePiece(file, piece, doneBytes, mostBytes);
      onPiece(doneBytes);
    }
    await file.syncData();
    return doneBytes;
  }

  /** Gives the finished file its name. */
  finish(path: string): void {
    Deno.renameSync(this.dataPath, path);
    this.remove();
  }

  /** Forgets it. */
  remove(): void {
    // The bytes first: a description without bytes is nothing.
    const paths = [this.dataPath, this.#originPath, this.#newOriginPath];
    for (const path of paths) {
      try {
        Deno.removeSync(path);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) {
          throw this.#unusable(error);
        }
      }
    }
  }

  /** Where a description is written before it takes its name. */
  get #newOriginPath(): string {
    return `${this.#originPath}.new`;
  }

  #unusable(error: unknown): DataError {
    return new DataError({
      attempt: "use a partial download",
      where: this.dataPath,
      found: fileFault(error),
      wanted: "a file that this program left there",
      remedy: "remove it",
    });
  }
}

function isOrigin(value: unknown): value is PartialOrigin {
  const { url, validator, totalBytes } = (value ?? {}) as PartialOrigin;
  return typeof url === "string" && typeof validator === "string" &&
    (totalBytes === null || Number.isSafeInteger(totalBytes));
}
