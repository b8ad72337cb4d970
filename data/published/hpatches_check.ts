import { join } from "@std/path";
import { DataError, fileFault } from "../errors.ts";
import { patchTypes, stripSidePixels } from "../patches/hpatches_layout.ts";
import {
  type OpenTaskFile,
  type PatchReferences,
  readPairTask,
  readQueryTask,
  type Split,
} from "./hpatches_tasks.ts";

const pngSignature = [137, 80, 78, 71, 13, 10, 26, 10];

/** Sequences that a message describes before it only counts them. */
const mostShown = 3;

/**
 * Checks the strips of whole sequences by their headers: 65 pixels wide, a multiple of 65 high, and as many patches in every
 * type of a sequence as in its reference, since patch k of each shows the same place.
 * @returns patches of each image of a sequence, by its name
 * @throws {DataError} naming the sequences and what is wrong with each
 */
export async function checkStrips(
  directory: string,
  sequences: readonly string[],
): Promise<Map<string, number>> {
  const patches = new Map<string, number>();
  const faults: string[] = [];
  for (const sequence of sequences) {
    const wrong: string[] = [];
    let reference: number | undefined;
    for (const type of patchTypes) {
      const path = join(directory, sequence, `${type}.png`);
      const size = await readPngSize(path);
      if (typeof size === "string") wrong.push(`${type} is ${size}`);
      else if (
        size.width !== stripSidePixels ||
        size.height % stripSidePixels !== 0 || size.height === 0
      ) wrong.push(`${type} of ${size.width}×${size.height} pixels`);
      else {
        const count = size.height / stripSidePixels;
        reference ??= count;
        if (count !== reference) {
          wrong.push(`${type} of ${count} patches beside ${reference}`);
        }
      }
    }
    if (wrong.length > 0) faults.push(`${sequence}: ${wrong.join(", ")}`);
    else patches.set(sequence, reference ?? 0);
  }
  if (faults.length === 0) return patches;
  throw partial(
    directory,
    `damaged sequences (${shorten(faults, "sequences")})`,
    "strips 65 pixels wide and a multiple of 65 high, equally many patches in each of a sequence",
  );
}

/** Width and height out of a PNG's header; what the file is instead, as words, when it is no PNG. */
async function readPngSize(
  path: string,
): Promise<{ width: number; height: number } | string> {
  const header = new Uint8Array(24);
  try {
    using file = await Deno.open(path);
    const length = await file.read(header);
    if (
      length !== header.length ||
      pngSignature.some((byte, index) => header[index] !== byte)
    ) return "no PNG";
  } catch (error) {
    return `unreadable (${fileFault(error)})`;
  }
  const view = new DataView(header.buffer);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/** The files that verification and retrieval read for a split. */
export function taskFilesOf(split: Split): string[] {
  return [
    "verif_pos",
    "verif_neg_intra",
    "verif_neg_inter",
    "retr_queries",
    "retr_distractors",
  ].map((kind) => `${kind}_split-${split.name}.csv`);
}

/** Splits, and where their task files are. */
export interface SplitCheck {
  /** folder of the task files */
  tasksDirectory: string;
  /** names of the files in it */
  files: ReadonlySet<string>;
  /** by key, as `splits.json` has them */
  splits: ReadonlyMap<string, Split>;
  /** keys of the splits that will be evaluated */
  wanted: readonly string[];
}

/**
 * Checks that a copy of the tasks has the splits that will be evaluated, and the five task files of each.
 * @throws {DataError} naming what is missing
 */
export function checkSplits(
  { tasksDirectory, files, splits, wanted }: SplitCheck,
): void {
  for (const key of wanted) {
    const split = splits.get(key);
    if (split === undefined) {
      throw partial(
        join(tasksDirectory, "splits", "splits.json"),
        `no split "${key}"`,
        `one of ${[...splits.keys()].join(", ")}`,
      );
    }
    const absent = taskFilesOf(split).filter((file) => !files.has(file));
    if (absent.length > 0) {
      throw partial(
        tasksDirectory,
        `split ${key} without ${absent.join(", ")}`,
        "the five task files of each split",
      );
    }
  }
}

/**
 * Checks that a copy of the sequences has those of some splits.
 * @throws {DataError} naming what is missing
 */
export function checkSequences(
  directory: string,
  sequences: readonly string[],
  splits: readonly Split[],
): void {
  const present = new Set(sequences);
  for (const { name, test } of splits) {
    const unknown = test.filter((sequence) => !present.has(sequence));
    if (unknown.length === 0) continue;
    throw partial(
      directory,
      `a partial copy (without ${
        shorten(unknown, "sequences", ", ")
      } of split ${name})`,
      `its ${test.length} sequences`,
    );
  }
}

/**
 * Reads a task file as an evaluation will, and checks that each row names a patch that the strips have.
 *
 * @param path ends in one of {@linkcode taskFilesOf}
 * @param patches of each sequence, as {@linkcode checkStrips} counts them; undefined while the sequences are not here yet
 * @throws {DataError} with file and line when a header, a field or an index is wrong
 */
export async function checkTaskFile(
  path: string,
  patches: ReadonlyMap<string, number> | undefined,
  open?: OpenTaskFile,
): Promise<void> {
  const isVerification = /(^|[/\\])verif[^/\\]*$/.test(path);
  const task = isVerification
    ? await readPairTask(path, open)
    : await readQueryTask(path, open);
  if (patches === undefined) return;
  const { sequences } = task;
  const counts = sequences.map((name) => patches.get(name));
  const sides = "first" in task ? [task.first, task.second] : [task];
  for (let row = 0; row < sides[0].patch.length; row++) {
    for (const side of sides) {
      requirePatch(path, row, sequences, counts, side);
    }
  }
}

function requirePatch(
  path: string,
  row: number,
  sequences: readonly string[],
  counts: readonly (number | undefined)[],
  { sequence, patch }: Pick<PatchReferences, "sequence" | "patch">,
): void {
  const count = counts[sequence[row]];
  if (count !== undefined && patch[row] < count) return;
  const name = sequences[sequence[row]];
  const where = `${path}:${row + 2}`;
  throw count === undefined
    ? partial(where, `sequence ${name}`, "one whose strips are here")
    : partial(
      where,
      `patch ${patch[row]} of ${name}`,
      `below ${count}, the patches of its strips`,
    );
}

/** The first few, and how many more there are. */
function shorten(
  items: readonly string[],
  what: string,
  separator = "; ",
): string {
  const more = items.length - mostShown;
  return items.slice(0, mostShown).join(separator) +
    (more > 0 ? `${separator}and ${more} more ${what}` : "");
}

function partial(where: string, found: string, wanted: string): DataError {
  return new DataError({
    attempt: "read the HPatches release",
    where,
    found,
    wanted,
    remedy: "copy the release and its task files again",
  });
}
