import { join } from "@std/path";
import {
  patchTypes,
  readSequencePatches,
  writeDescriptorCsv,
} from "../../data/mod.ts";
import type { Describer } from "./describers.ts";
import type { Log } from "../log.ts";

const sidePixels = 65;

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
}

/**
 * Describes every strip of the sequences and writes one CSV a strip.
 *
 * @throws {DataError} when a strip is missing or damaged
 * @throws the signal's reason when aborted
 */
export async function describeSequences(
  describer: Describer,
  { source, sequences, target, label, log, signal }: SequenceJob,
): Promise<void> {
  const progress = log.progress(label, sequences.length, "sequences");
  let done = 0;
  progress.update(done);
  for (const sequence of sequences) {
    signal.throwIfAborted();
    // All strips at once: a strip alone seldom fills a batch.
    const { patches, counts } = await readStrips(source, sequence);
    const { dimension } = describer;
    const described = await describer.describe(patches, sidePixels);
    const folder = join(target, sequence);
    await Deno.mkdir(folder, { recursive: true });
    let start = 0;
    for (const [index, type] of patchTypes.entries()) {
      const end = start + counts[index] * dimension;
      const rows = described.subarray(start, end);
      await writeDescriptorCsv(join(folder, `${type}.csv`), rows, dimension);
      start = end;
    }
    progress.update(++done);
  }
  progress.finish();
}

/** The patches of all types of a sequence, one after the other, and how many each type has. */
async function readStrips(source: string, sequence: string) {
  const strips: Uint8Array[] = [];
  const counts: number[] = [];
  for (const type of patchTypes) {
    const strip = await readSequencePatches(source, sequence, type);
    strips.push(strip.patches);
    counts.push(strip.count);
  }
  const patches = new Uint8Array(
    strips.reduce((sum, strip) => sum + strip.length, 0),
  );
  let at = 0;
  for (const strip of strips) {
    patches.set(strip, at);
    at += strip.length;
  }
  return { patches, counts };
}
