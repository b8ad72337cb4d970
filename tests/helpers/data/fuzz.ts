import { DataError } from "../../../data/errors.ts";
import { usedBytes, workedMs } from "../thread_usage.ts";
import { mutate } from "./mutations.ts";
import type { Parser } from "./parsers.ts";

/** No damaged file of a few kilobytes may cost more. */
const mostMemoryMib = 1024;
const mostTimeMs = 10_000;

/** What became of the damaged files of one parser. */
export interface FuzzOutcome {
  refused: number;
  sound: number;
  slowestMs: number;
  grownMib: number;
}

/**
 * Damages a parser's file in so many ways: each is read, or refused in one line, within a gibibyte and ten seconds.
 *
 * @param path of a file that may be written
 * @throws {Error} naming the mutation that did something else
 */
export async function fuzz(
  parser: Parser,
  mutations: number,
  path: string,
): Promise<FuzzOutcome> {
  await parser.read(parser.original, path);
  const outcome = { refused: 0, sound: 0, slowestMs: 0, grownMib: 0 };
  const before = usedBytes();
  for (let number = 0; number < mutations; number++) {
    const startMs = workedMs();
    try {
      await parser.read(mutate(parser.original, number), path);
      outcome.sound++;
    } catch (error) {
      const isRefusal = error instanceof DataError &&
        /^Cannot [^\r\n]{10,700}$/.test(error.message);
      if (!isRefusal) {
        throw new Error(`${parser.name}, mutation ${number}`, { cause: error });
      }
      outcome.refused++;
    }
    const tookMs = workedMs() - startMs;
    const grownMib = (usedBytes() - before) / 2 ** 20;
    outcome.slowestMs = Math.max(outcome.slowestMs, tookMs);
    outcome.grownMib = Math.max(outcome.grownMib, grownMib);
    if (tookMs > mostTimeMs || grownMib > mostMemoryMib) {
      throw new Error(
        `${parser.name}, mutation ${number}: ${tookMs} ms, ${grownMib} MiB`,
      );
    }
  }
  return outcome;
}
