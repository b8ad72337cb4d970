import { readBytes } from "../../../data/read_bytes.ts";
import { textLines } from "../../../data/text_lines.ts";
import { PipelineError } from "../../errors.ts";

/** Two photographs by their places in the list of photographs. */
export type NumberedPair = readonly [left: number, right: number];

/** Every pair of photographs: each with each that comes later. */
export function* allPairs(count: number): Generator<NumberedPair> {
  for (let left = 0; left < count; left++) {
    for (let right = left + 1; right < count; right++) yield [left, right];
  }
}

/** Every pair of four thousand photographs. */
const mostListBytes = 1 << 28;

/** Two paths. */
const mostLineCharacters = 10_000;

/** Of a line that cannot be read. */
const mostShownCharacters = 200;

/**
 * Pairs from a text file with two names a line, separated by a tab or by blanks, as hloc and COLMAP have them. A name may have blanks in it
 * as long as there is one way to read its line. Empty lines say nothing, nor do those that begin with `#` and name no two photographs; a pair
 * that was named before, in whatever order, counts once.
 *
 * @param names of the photographs
 * @throws {DataError} when it cannot be read, or is no regular file
 * @throws {PipelineError} with the line, for a name that is none of the photographs', a photograph with itself, and a line that can be read in
 * more ways than one
 */
export async function readPairList(
  path: string,
  names: readonly string[],
): Promise<NumberedPair[]> {
  const bytes = await readBytes(path, {
    attempt: "read the pairs",
    mostBytes: mostListBytes,
    remedy: "check the path and its permissions",
  });
  const numbers = new Map(names.map((name, number) => [name, number]));
  const pairs = new Map<string, NumberedPair>();
  let number = 0;
  for (const line of textLines(new TextDecoder().decode(bytes))) {
    number++;
    if (line === "") continue;
    const ways = waysToRead(line, numbers);
    if (ways.length === 0 && line.startsWith("#")) continue;
    const pair = ways[0];
    if (ways.length !== 1 || pair[0] === pair[1]) {
      throw new PipelineError({
        attempt: "read the pairs",
        where: `${path}:${number}`,
        found: JSON.stringify(line.slice(0, mostShownCharacters)) +
          (ways.length > 1 ? ", which can be read in more ways than one" : ""),
        wanted: "the names of two of the photographs",
        remedy: "put a tab between them, and name them as in their folder",
      });
    }
    const key = [...pair].sort((a, b) => a - b).join();
    if (!pairs.has(key)) pairs.set(key, pair);
  }
  return [...pairs.values()];
}

function waysToRead(
  line: string,
  numbers: ReadonlyMap<string, number>,
): NumberedPair[] {
  const ways: NumberedPair[] = [];
  if (line.length > mostLineCharacters) return ways;
  for (const { index, 0: gap } of line.matchAll(/[ \t]+/g)) {
    const left = numbers.get(line.slice(0, index).trim());
    const right = numbers.get(line.slice(index + gap.length).trim());
    if (left !== undefined && right !== undefined) ways.push([left, right]);
  }
  return ways;
}
