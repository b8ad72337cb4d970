import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";
import type { MatchedPair } from "../../../data/mod.ts";
import { withFileErrors } from "../../files/file_errors.ts";
import { refuseLink } from "../../files/links.ts";
import type { RecordKey } from "./feature_records.ts";

/** Matches of a pair without the photographs. */
export type PairRecord = Omit<MatchedPair, "left" | "right">;

const attempt = "keep the matches";

/** Length of an entry and checksum of the rest. */
const prefixBytes = 8;
/** Keys of both photographs. */
const keyBytes = 64;
/** Numbers of matches and of inliers, code of the geometry, nothing; matrix. */
const factBytes = 4 * 4 + 9 * 8;

const geometryCodes = {
  unverified: 0,
  nothing: 1,
  homography: 2,
  fundamental: 3,
};

/**
 * Matches of pairs on the disk, one after the other in the order in which they were found, in one file for each way of matching: an
 * interrupted run goes on behind the last whole entry.
 */
export class PairJournal implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #places = new Map<string, { at: number; length: number }>();
  #end = 0;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  /**
   * Opens a journal, or begins one. What a run that was killed left of its last entry is cut off.
   *
   * @throws {PipelineError} when the file cannot be read or written
   */
  static open(path: string): Promise<PairJournal> {
    return withFileErrors(attempt, path, () => {
      refuseLink(attempt, path);
      const mode = { read: true, write: true, create: true };
      const journal = new PairJournal(path, Deno.openSync(path, mode));
      journal.#load();
      return journal;
    });
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  /** Whether the pair has an entry. */
  has(left: RecordKey, right: RecordKey): boolean {
    return this.#places.has(placeKey(left, right));
  }

  /** The pair's matches, which have an entry. */
  read(left: RecordKey, right: RecordKey): PairRecord {
    const { at, length } = this.#places.get(placeKey(left, right))!;
    return decode(
      this.#readAt(at + prefixBytes + keyBytes, length - keyBytes)!,
    );
  }

  /** Adds a pair. @throws {PipelineError} when the file cannot be written */
  add(left: RecordKey, right: RecordKey, record: PairRecord): Promise<void> {
    return withFileErrors(attempt, this.#path, () => {
      const keys = Buffer.from(left + right, "hex");
      const content = Buffer.concat([keys, encode(record)]);
      const prefix = Buffer.alloc(prefixBytes);
      prefix.writeUInt32LE(content.length, 0);
      prefix.writeUInt32LE(crc32(content), 4);
      this.#file.seekSync(this.#end, Deno.SeekMode.Start);
      let bytes = Buffer.concat([prefix, content]) as Uint8Array;
      while (bytes.length > 0) {
        bytes = bytes.subarray(this.#file.writeSync(bytes));
      }
      this.#note(placeKey(left, right), content.length);
    });
  }

  #load(): void {
    for (;;) {
      const prefix = this.#readAt(this.#end, prefixBytes);
      if (prefix === undefined) break;
      const length = prefix.readUInt32LE(0);
      const content = this.#readAt(this.#end + prefixBytes, length);
      if (content === undefined || crc32(content) !== prefix.readUInt32LE(4)) {
        break;
      }
      const [left, right] = [content.subarray(0, 32), content.subarray(32, 64)];
      this.#note(placeKey(left.toString("hex"), right.toString("hex")), length);
    }
    this.#file.truncateSync(this.#end);
  }

  #note(key: string, length: number): void {
    this.#places.set(key, { at: this.#end, length });
    this.#end += prefixBytes + length;
  }

  /** That many bytes; undefined where the file ends before. */
  #readAt(at: number, length: number): Buffer | undefined {
    if (at + length > this.#file.statSync().size) return undefined;
    const bytes = Buffer.alloc(length);
    this.#file.seekSync(at, Deno.SeekMode.Start);
    for (let done = 0; done < length;) {
      const count = this.#file.readSync(bytes.subarray(done));
      if (count === null) return undefined;
      done += count;
    }
    return bytes;
  }
}

/** Half of each digest tells it from any other. */
function placeKey(left: RecordKey, right: RecordKey): string {
  return left.slice(0, 32) + right.slice(0, 32);
}

function encode(record: PairRecord): Uint8Array {
  const { matches, distances, ratios, geometry, inliers } = record;
  const code = geometryCodes[
    geometry === undefined ? "unverified" : geometry?.kind ?? "nothing"
  ];
  return Buffer.concat([
    Uint32Array.of(distances.length, inliers.length, code, 0),
    geometry?.matrix ?? new Float64Array(9),
    matches,
    distances,
    ratios,
    inliers,
  ].map(({ buffer, byteOffset, byteLength }) =>
    new Uint8Array(buffer, byteOffset, byteLength)
  ));
}

function decode(content: Buffer): PairRecord {
  const { buffer } = Uint8Array.from(content);
  const [count, inlierCount, code] = new Uint32Array(buffer, 0, 3);
  let at = factBytes;
  const next = (bytes: number) => {
    at += bytes;
    return at - bytes;
  };
  const matches = new Uint32Array(buffer, next(8 * count), 2 * count);
  const distances = new Float32Array(buffer, next(4 * count), count);
  const ratios = new Float32Array(buffer, next(4 * count), count);
  const inliers = new Uint32Array(buffer, next(4 * inlierCount), inlierCount);
  const { unverified, nothing, homography } = geometryCodes;
  return {
    matches,
    distances,
    ratios,
    inliers,
    geometry: code === unverified ? undefined : code === nothing ? null : {
      kind: code === homography ? "homography" : "fundamental",
      matrix: new Float64Array(buffer, 16, 9),
    },
  };
}
