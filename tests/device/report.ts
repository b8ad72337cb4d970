/**
 * How a part of the check says what it found: each line of its stdout that is JSON adds to its figures, so that what came before
 * a cut stays.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";

/** Figures of a part by name; later lines replace what earlier ones said under the same name. */
export type Figures = Record<string, unknown>;

/** What a part is told. */
export interface PartOptions {
  /** the smallest sizes, for a rehearsal */
  tiny: boolean;
  /** seconds until the part is cut */
  seconds: number;
  /** folder with the files of the parts before */
  out: string;
}

/** The part's options, from its command line. */
export function partOptions(): PartOptions {
  const { tiny, seconds, out } = parseArgs(Deno.args, {
    boolean: ["tiny"],
    string: ["seconds", "out"],
  });
  return { tiny: tiny === true, seconds: Number(seconds), out: String(out) };
}

/** Says what was found so far. */
export function report(figures: Figures): void {
  console.log(JSON.stringify(figures));
}

/** Says why the part cannot run here, and ends it. */
export function skip(reason: string): never {
  report({ skipped: reason });
  Deno.exit(0);
}

/** Shortest, median and longest of several times. */
export function spread(timesMs: readonly number[]): {
  leastMs: number;
  medianMs: number;
  mostMs: number;
} {
  const sorted = timesMs.toSorted((a, b) => a - b);
  return {
    leastMs: sorted[0],
    medianMs: sorted[Math.floor(sorted.length / 2)],
    mostMs: sorted[sorted.length - 1],
  };
}
