import { openArchive } from "../archives/open_archive.ts";
import { listSequences } from "./hpatches.ts";
import {
  checkSequences,
  checkSplits,
  checkStrips,
  checkTaskFile,
  taskFilesOf,
} from "./hpatches_check.ts";
import { parseSplits, type TaskFile } from "./hpatches_tasks.ts";
import { selectSet } from "./unpack_set.ts";

const splitsFile = "splits/splits.json";

/**
 * Reads the task files in an archive as an evaluation will, and checks them as unpacked ones are; one is in memory at a time.
 *
 * @param wanted keys of the splits that will be evaluated
 * @param sequencesDirectory the unpacked sequences; undefined while they are not here, or packed
 * @throws {DataError} naming what is missing or wrong
 */
export async function checkPackedTasks(
  archivePath: string,
  wanted: readonly string[],
  sequencesDirectory: string | undefined,
): Promise<void> {
  using archive = await openArchive(archivePath);
  const paths = archive.entries.map(({ name }) => name);
  const { root, names } = selectSet("tasks", paths, archivePath);
  const where = (file: string) => `${archivePath}/${file}`;
  const splitsPath = root + splitsFile;
  const [splitsBytes] = await Array.fromAsync(
    archive.read(new Set([splitsPath])),
    wholeEntry,
  );
  const text = new TextDecoder().decode(splitsBytes);
  const splits = parseSplits(text, where(splitsPath));
  const files = new Set(names.map((name) => name.slice(root.length)));
  checkSplits({ tasksDirectory: where(root), files, splits, wanted });
  const evaluated = wanted.map((key) => splits.get(key)!);
  let patches: Map<string, number> | undefined;
  if (sequencesDirectory !== undefined) {
    const sequences = await listSequences(sequencesDirectory);
    checkSequences(sequencesDirectory, sequences, evaluated);
    patches = await checkStrips(sequencesDirectory, sequences);
  }
  const read = evaluated.flatMap(taskFilesOf).map((file) => root + file);
  for await (const entry of archive.read(new Set(read))) {
    const bytes = await wholeEntry(entry);
    await checkTaskFile(
      where(entry.name),
      patches,
      () => Promise.resolve(new TaskBytes(bytes)),
    );
  }
}

async function wholeEntry(
  { sizeBytes, bytes }: {
    sizeBytes: number;
    bytes: AsyncIterable<Uint8Array>;
  },
): Promise<Uint8Array> {
  const whole = new Uint8Array(sizeBytes);
  let at = 0;
  for await (const piece of bytes) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** A task file in memory. */
class TaskBytes implements TaskFile {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  readSync(buffer: Uint8Array): number | null {
    const rest = this.#bytes.subarray(this.#at, this.#at + buffer.length);
    if (rest.length === 0) return null;
    buffer.set(rest);
    this.#at += rest.length;
    return rest.length;
  }

  seekSync(offset: number | bigint): number {
    return this.#at = Number(offset);
  }

  [Symbol.dispose](): void {}
}
