import type { LossStatistics } from "../gpu/mod.ts";
import type { Position } from "./training_checkpoint.ts";

/** Where in a training stage a record belongs. */
export interface MetricsPlace {
  cycle: number;
  epoch: number;
  /** Steps done in the whole stage. */
  step: number;
}

/** `metrics.jsonl` of one training stage: one JSON object a line, in order of steps. */
export class MetricsFile implements Disposable {
  readonly #file: Deno.FsFile;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /** Opens the file, keeping the records up to `position` and dropping later ones, whose steps will be done again. */
  static async open(path: string, position: Position): Promise<MetricsFile> {
    let kept = "";
    try {
      const lines = (await Deno.readTextFile(path)).split("\n");
      kept = lines.filter((line) => stepOf(line) <= position.total)
        .map((line) => `${line}\n`).join("");
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    // Replaced in one go: a crash here must not lose the lines of steps that will not be done again.
    await Deno.writeTextFile(`${path}.partial`, kept);
    await Deno.rename(`${path}.partial`, path);
    return new MetricsFile(await Deno.open(path, { append: true }));
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

  /** Makes sure that what was written is on the disk. */
  flush(): void {
    this.#file.syncDataSync();
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  #write(record: Record<string, unknown>): void {
    const bytes = new TextEncoder().encode(`${JSON.stringify(record)}\n`);
    for (let written = 0; written < bytes.length;) {
      written += this.#file.writeSync(bytes.subarray(written));
    }
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
