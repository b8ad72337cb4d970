import { dirname, join } from "@std/path";
import { DataError } from "../errors.ts";
import type { ImagePair, ImagePairSet, PoseTruth } from "./image_pairs.ts";
import { readLines } from "./read_lines.ts";

const attempt = "read the image pairs";

/** Published lists have some thousands. */
const mostPairs = 500_000;

/** 500 bytes a pair. */
const mostListBytes = 1 << 28;

/** Words of a line: two names, two rotations, two intrinsic matrices of nine numbers, a transform of sixteen. */
const wordsPerLine = 2 + 2 + 9 + 9 + 16;

/** How far RᵀR may be from 1: lists have few digits. */
const mostSkew = 1e-3;

/**
 * Reads a list of image pairs with poses, the text format that lists of ScanNet's and YFCC's pairs are passed around in: a line a
 * pair, `left right rotation rotation K_left K_right T`, K 3×3 and T 4×4 row by row. T takes points before the left camera to points before
 * the right. Images lie in the list's folder; K and T hold for them as they are stored, so the rotations (quarter turns that make
 * them upright) are checked and not used.
 *
 * @returns the left image's folder as a pair's sequence; where one folder holds all, each pair is one by itself
 * @throws {DataError} with file and line when a line is malformed, and when the file is missing or empty
 */
export async function readPoseList(path: string): Promise<ImagePairSet> {
  const lines = await readLines(path, attempt, mostListBytes);
  const numbers = new Map<string, number>();
  const numberOf = (name: string) => {
    const known = numbers.get(name) ?? numbers.size;
    numbers.set(name, known);
    return known;
  };
  const pairs: ImagePair[] = [];
  for (const line of lines) {
    const where = `${path}:${pairs.length + 1}`;
    if (pairs.length === mostPairs) {
      throw malformed(where, "another pair", `at most ${mostPairs}`);
    }
    const words = line.trim().split(/\s+/, wordsPerLine + 1);
    if (words.length !== wordsPerLine) {
      throw malformed(
        where,
        words.length > wordsPerLine
          ? `more than ${wordsPerLine} words`
          : `${words.length} words`,
        `${wordsPerLine}: two images, two rotations, K (9), K (9), T (16)`,
      );
    }
    const [left, right] = words;
    pairs.push({
      sequence: dirname(left),
      left: numberOf(left),
      right: numberOf(right),
      truth: poseOf(words.slice(2), where),
    });
  }
  if (pairs.length === 0) {
    throw malformed(path, "an empty file", "one pair a line");
  }
  const one = new Set(pairs.map(({ sequence }) => sequence)).size === 1;
  return {
    kind: "pose",
    images: [...numbers.keys()].map((name) => join(dirname(path), name)),
    pairs: one
      ? pairs.map((pair, index) => ({ ...pair, sequence: String(index + 1) }))
      : pairs,
    truthFiles: [path],
  };
}

function poseOf(words: readonly string[], where: string): PoseTruth {
  const values = Float64Array.from(words, Number);
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw malformed(where, words[wrong].slice(0, 40), "a number");
  for (const turns of values.subarray(0, 2)) {
    if (![0, 1, 2, 3].includes(turns)) {
      throw malformed(where, `a rotation of ${turns}`, "0, 1, 2 or 3");
    }
  }
  const transform = values.subarray(20, 36);
  const rotation = Float64Array.from(
    [0, 1, 2, 4, 5, 6, 8, 9, 10],
    (at) => transform[at],
  );
  const translation = Float64Array.of(
    transform[3],
    transform[7],
    transform[11],
  );
  if (
    skewOf(rotation) > mostSkew ||
    transform.subarray(12).join() !== "0,0,0,1"
  ) {
    throw malformed(where, "a transform that is no rotation and shift", "T");
  }
  if (Math.hypot(...translation) === 0) {
    throw malformed(where, "two cameras in one place", "a translation");
  }
  return {
    kind: "pose",
    rotation,
    translation,
    leftIntrinsics: intrinsicsOf(values.slice(2, 11), where),
    rightIntrinsics: intrinsicsOf(values.slice(11, 20), where),
  };
}

function intrinsicsOf(matrix: Float64Array, where: string): Float64Array {
  const [fx, , , a, fy, , b, c, one] = matrix;
  if (fx > 0 && fy > 0 && a === 0 && b === 0 && c === 0 && one === 1) {
    return matrix;
  }
  throw malformed(
    where,
    `the matrix ${matrix.join(" ")}`,
    "K: fx s cx 0 fy cy 0 0 1 with focal lengths above 0",
  );
}

/** Largest entry of RᵀR − 1; Infinity for a mirror. */
function skewOf(r: Float64Array): number {
  let most = 0;
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      const product = r[i] * r[j] + r[3 + i] * r[3 + j] + r[6 + i] * r[6 + j];
      most = Math.max(most, Math.abs(product - (i === j ? 1 : 0)));
    }
  }
  const determinant = r[0] * (r[4] * r[8] - r[5] * r[7]) -
    r[1] * (r[3] * r[8] - r[5] * r[6]) + r[2] * (r[3] * r[7] - r[4] * r[6]);
  return determinant > 0 ? most : Infinity;
}

function malformed(where: string, found: string, wanted: string): DataError {
  return new DataError({ attempt, where, found, wanted });
}
