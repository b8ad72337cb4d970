import { join } from "@std/path";
import { DescriptorWriter, patchTypes, StripReader } from "../../data/mod.ts";
import type { Describer } from "./describers.ts";
import type { Log } from "../log.ts";

const sidePixels = 65;

/** Strips smaller than this together are read, and their descriptors written, on the calling thread: starting others takes as long. */
const worthWorkersBytes = 64e6;
/** Threads that read: more would be idle beside today's GPUs. */
const mostWorkers = 8;
/** Threads that read for one that writes, which takes about half as long. */
const readersOfWriter = 2;

/** What {@linkcode describeSequences} reads, writes and reports to. */
export interface SequenceJob {
  /** folder in the HPatches release layout */
  source: string;
  /** those of its sequences to describe */
  sequences: readonly string[];
  /** where `<sequence>/<type>.csv` go */
  target: string;
  /** what the progress is called */
  label: string;
  log: Log;
  signal: AbortSignal;
  /** threads that read strips, and half as many that write; unless told as many as pay. No byte depends on it */
  workers?: number;
}

/**
 * Describes every strip of the sequences and writes one CSV a strip. While a sequence is described, the next one is read and the one
 * before is written, on other threads where there is enough of it: three sequences are held at once.
 *
 * @throws {DataError} when a strip is missing or damaged
 * @throws the signal's reason when aborted
 */
export async function describeSequences(
  describer: Describer,
  { source, sequences, target, label, log, signal, ...job }: SequenceJob,
): Promise<void> {
  const workers = job.workers ?? await worthwhileWorkers(source, sequences);
  using reader = new StripReader(workers);
  using writer = new DescriptorWriter(Math.ceil(workers / readersOfWriter));
  const progress = log.progress(label, sequences.length, "sequences");
  let done = 0;
  progress.update(done);
  const write = async (
    sequence: string,
    described: Float32Array,
    counts: readonly number[],
  ) => {
    const folder = join(target, sequence);
    await Deno.mkdir(folder, { recursive: true });
    const { dimension } = describer;
    let start = 0;
    await allOf(patchTypes.map((type, index) => {
      const values = described.slice(start, start += counts[index] * dimension);
      return writer.write({
        path: join(folder, `${type}.csv`),
        values,
        dimension,
      });
    }));
    progress.update(++done);
  };
  let written = Promise.resolve();
  let read = expected(readStrips(reader, source, sequences[0]));
  try {
    for (const [index, sequence] of sequences.entries()) {
      signal.throwIfAborted();
      // All strips at once: a strip alone seldom fills a batch.
      const { patches, counts } = await read;
      const next = sequences[index + 1];
      if (next !== undefined) {
        read = expected(readStrips(reader, source, next));
      }
      const described = await describer.describe(patches, sidePixels);
      await written;
      written = expected(write(sequence, described, counts));
    }
    await written;
  } finally {
    // A file that is being written would be left behind half done.
    await Promise.allSettled([written]);
  }
  progress.finish();
}

/** A promise that somebody awaits later, or never when something else fails first. */
function expected<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** Waits for all of them, and throws what the first of those that failed threw: the same on every run. */
async function allOf<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const outcomes = await Promise.allSettled(promises);
  return outcomes.map((outcome) => {
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  });
}

/** Threads that pay: none for little. */
async function worthwhileWorkers(
  source: string,
  sequences: readonly string[],
): Promise<number> {
  const first = await Deno.stat(join(source, sequences[0], "ref.png"))
    .catch(() => undefined);
  const sizeBytes = (first?.size ?? 0) * patchTypes.length * sequences.length;
  return sizeBytes < worthWorkersBytes
    ? 0
    : Math.min(navigator.hardwareConcurrency, mostWorkers);
}

/** The patches of all types of a sequence, one after the other, and how many each type has. */
async function readStrips(
  reader: StripReader,
  directory: string,
  sequence: string,
) {
  const strips = await allOf(
    patchTypes.map((type) => reader.read({ directory, sequence, type })),
  );
  const patches = new Uint8Array(
    strips.reduce((sum, strip) => sum + strip.patches.length, 0),
  );
  let at = 0;
  for (const strip of strips) {
    patches.set(strip.patches, at);
    at += strip.patches.length;
  }
  return { patches, counts: strips.map(({ count }) => count) };
}
