import { DataError } from "../errors.ts";
import { readBytes } from "../read_bytes.ts";
import { countLines, textLines } from "../text_lines.ts";

/** Pairs of patches and whether they show the same point, in file order. */
export interface PatchPairs {
  /** [pairs] index of the first patch */
  first: Uint32Array;
  /** [pairs] index of the second patch */
  second: Uint32Array;
  /** [pairs] 1 where the pair matches */
  match: Uint8Array;
}

const largestInteger = 0xffffffff;

/**
 * Reads a PhotoTour match file (`m50_100000_100000_0.txt`): a line a pair, six columns `patch1 point1 _ patch2 point2 _`; a pair matches
 * when the points are equal. A seventh column, if any, is ignored as the third and sixth are.
 * @param patchCount number of patches of the set, when known: patch indices must lie below it
 * @throws {DataError} with file and line when a line is malformed, and when the file is missing or empty
 */
export async function readPairs(
  path: string,
  patchCount?: number,
): Promise<PatchPairs> {
  const bytes = await readBytes(path, {
    attempt: "read the patch pairs",
    remedy: "replace the file",
  });
  const text = new TextDecoder().decode(bytes);
  return parsePairs(text, path, patchCount);
}

/** As {@linkcode readPairs}, from text; `where` names it in messages. */
export function parsePairs(
  text: string,
  where: string,
  patchCount?: number,
): PatchPairs {
  const count = countLines(text);
  if (count === 0) {
    throw malformed(where, "an empty file", "one pair a line");
  }
  const first = new Uint32Array(count);
  const second = new Uint32Array(count);
  const match = new Uint8Array(count);
  let number = 0;
  for (const line of textLines(text)) {
    const place = `${where}:${number + 1}`;
    const columns = line.trim().split(/[ \t]+/, 8);
    if (columns.length !== 6 && columns.length !== 7) {
      const found = line.trim() === ""
        ? "an empty line"
        : columns.length > 7
        ? "more than 7 columns"
        : `${columns.length} columns`;
      throw malformed(place, found, "6: patch1 point1 0 patch2 point2 0");
    }
    const largestPatch = (patchCount ?? largestInteger + 1) - 1;
    first[number] = parseInteger(columns[0], largestPatch, "patch", place);
    second[number] = parseInteger(columns[3], largestPatch, "patch", place);
    const points = [columns[1], columns[4]].map((column) =>
      parseInteger(column, largestInteger, "point", place)
    );
    match[number++] = points[0] === points[1] ? 1 : 0;
  }
  return { first, second, match };
}

/** Share of the pairs that may be at odds with the labels. */
const mostOddShare = 0.01;

/**
 * Checks that pairs belong to a set: a pair matches when its patches have the same label. The match file of another set fails in half
 * of its matching pairs or more; single odd lines are let pass, as the benchmark goes by the match file alone.
 * @param labels [patches] of the set
 * @throws {DataError} when more than 1 % of the pairs are at odds with the labels
 */
export function checkPairs(
  { first, second, match }: PatchPairs,
  labels: Uint32Array,
  where: string,
): void {
  const odd = match.reduce((count, isMatch, pair) => {
    const sameLabel = labels[first[pair]] === labels[second[pair]];
    return count + Number(sameLabel !== (isMatch === 1));
  }, 0);
  if (odd <= mostOddShare * match.length) return;
  throw malformed(
    where,
    `${odd} of ${match.length} pairs at odds with the labels of info.txt`,
    "the match file of the same set",
  );
}

function parseInteger(
  text: string,
  largest: number,
  kind: string,
  place: string,
): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (!(value <= largest)) {
    throw malformed(
      place,
      `${kind} ${JSON.stringify(text.slice(0, 40))}`,
      `an integer from 0 to ${largest}`,
    );
  }
  return value;
}

function malformed(where: string, found: string, wanted: string): DataError {
  return new DataError({
    attempt: "read the patch pairs",
    where,
    found,
    wanted,
    remedy: "replace the file",
  });
}
