import { createHash } from "node:crypto";
import { join } from "@std/path";
import { sha256 } from "../files/hash.ts";
import { eventFileStart } from "../../data/mod.ts";
import type { LossStatistics } from "../../gpu/mod.ts";
import type { Position } from "./checkpoint.ts";
import { eventOf } from "./events.ts";

/** Where in a training stage a record belongs. */
export interface MetricsPlace {
  cycle: number;
  epoch: number;
  /** Steps done in the whole stage. */
  step: number;
}

/** The records of a training stage: one JSON object a line, in order of steps. */
export const metricsFileName = "metrics.jsonl";

/**
 * The same for TensorBoard. It takes any name with `.tfevents.` in it; where others have the time and the host, this one
 * has neither, so that the same training gives the same files.
 */
export const eventFileName = "events.out.tfevents.0000000000.metrics";

/**
 * `metrics.jsonl` of one training stage and, record by record, its TensorBoard event file. Each event follows from its
 * line alone, so whatever befell the event file is mended by writing it anew from the lines.
 */
export class MetricsFile implements Disposable {
  readonly #lines: Deno.FsFile;
  readonly #events: Deno.FsFile;
  readonly #hash = createHash("sha256");

  private constructor(lines: Deno.FsFile, events: Deno.FsFile, kept: string) {
    this.#lines = lines;
    this.#events = events;
    this.#hash.update(kept);
  }

  /**
   * Opens the files in `directory`, keeping the records up to `position` and dropping later ones, whose steps will be done
   * again.
   */
  static async open(
    directory: string,
    position: Position,
  ): Promise<MetricsFile> {
    const kept = await readKept(directory, position);
    const records = kept.split("\n").slice(0, -1).map((line) =>
      eventOf(JSON.parse(line))
    );
    const open = async (name: string, content: Blob) => {
      const path = join(directory, name);
      // Replaced in one go: a crash here must not lose the lines of steps that will not be done again.
      await Deno.writeFile(`${path}.partial`, content.stream());
      await Deno.rename(`${path}.partial`, path);
      return Deno.open(path, { append: true });
    };
    const lines = await open(metricsFileName, new Blob([kept]));
    const events = await open(
      eventFileName,
      new Blob([eventFileStart(), ...records]),
    );
    return new MetricsFile(lines, events, kept);
  }

  /** A training step's loss, mean a and b, zero position B/2, share of zero weights, medians and rates. */
  step(
    record: MetricsPlace & {
      learningRate: number;
      momentum: number;
      statistics: LossStatistics;
      histograms: boolean;
    },
  ): void {
    const { statistics, histograms, ...place } = record;
    const { levelHistogram, weightHistogram, ...figures } = statistics;
    this.#write({
      kind: "step",
      ...place,
      ...figures,
      ...(histograms ? { levelHistogram, weightHistogram } : {}),
    });
  }

  /** FPR95 per test set, as a fraction. */
  test(place: MetricsPlace, fpr95: Record<string, number>): void {
    this.#write({ kind: "test", ...place, fpr95 });
  }

  /** sha-256 of all records so far, as {@linkcode metricsDigest} will find them. */
  digest(): string {
    return this.#hash.copy().digest("hex");
  }

  /** Makes sure that what was written is on the disk. */
  flush(): void {
    this.#lines.syncDataSync();
    this.#events.syncDataSync();
  }

  [Symbol.dispose](): void {
    this.#lines.close();
    this.#events.close();
  }

  #write(record: Record<string, unknown>): void {
    const line = JSON.stringify(record);
    const bytes = new TextEncoder().encode(`${line}\n`);
    this.#hash.update(bytes);
    writeAll(this.#lines, bytes);
    // From the line, not from the record: so it will be when the file is written anew.
    writeAll(this.#events, eventOf(JSON.parse(line)));
  }
}

/** sha-256 of the records up to `position` in the directory's file; of nothing when there is none. */
export async function metricsDigest(
  directory: string,
  position: Position,
): Promise<string> {
  const kept = await readKept(directory, position);
  return sha256(kept);
}

/** The lines up to `position`, each with its line feed. */
async function readKept(
  directory: string,
  position: Position,
): Promise<string> {
  if (position.total === 0) return "";
  try {
    const text = await Deno.readTextFile(join(directory, metricsFileName));
    return text.split("\n")
      .filter((line) => stepOf(line) <= position.total)
      .map((line) => `${line}\n`).join("");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return "";
  }
}

/** The step a line belongs to; beyond every step for a line that a crash cut off. */
function stepOf(line: string): number {
  try {
    return JSON.parse(line).step ?? Infinity;
  } catch {
    return Infinity;
  }
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) {
    written += file.writeSync(bytes.subarray(written));
  }
}
