import { DataError, fileFault } from "../errors.ts";
import { JsonExcess, parseJson } from "../json_text.ts";
import { readBytes } from "../read_bytes.ts";
import { TaskRows } from "./task_rows.ts";

/** A split of the HPatches sequences. */
export interface Split {
  /** what its task files are called by: `verif_pos_split-<name>.csv` */
  name: string;
  test: string[];
  /** sequences to train on; empty for `full`, `illum` and `view` */
  train: string[];
}

/** Patches named by a task file, in file order. */
export interface PatchReferences {
  /** [rows] index into the task's `sequences` */
  sequence: Uint16Array;
  /** [rows] image 0 … 5, 0 being the reference image */
  image: Uint8Array;
  /** [rows] index of the patch within the image */
  patch: Uint32Array;
}

/** A verification file: pairs of patches. */
export interface PairTask {
  /** names in the order of their first use */
  sequences: string[];
  first: PatchReferences;
  second: PatchReferences;
}

/** A retrieval file: patches of the reference images. */
export interface QueryTask {
  sequences: string[];
  /** [rows] index into `sequences` */
  sequence: Uint16Array;
  /** [rows] */
  patch: Uint32Array;
}

const imageCount = 6;

/** A task file that can be read from its beginning, more than once. */
export type TaskFile =
  & Pick<Deno.FsFile, "readSync" | "seekSync">
  & Disposable;

/** Opens a task file, wherever it lies; {@linkcode DataError} where it cannot. */
export type OpenTaskFile = (path: string, attempt: string) => Promise<TaskFile>;

const splitsAttempt = "read the splits";
const wantedFile = "a task file of the HPatches benchmark";

/**
 * Reads the benchmark's `splits.json`: `{"<key>": {"name", "test": […], "train"?: […]}}`.
 *
 * @returns splits by key
 * @throws {DataError} naming the file and what is wrong in it
 */
export async function readSplits(path: string): Promise<Map<string, Split>> {
  return parseSplits(await readText(path, splitsAttempt), path);
}

/** As {@linkcode readSplits}, from the file's text. */
export function parseSplits(text: string, path: string): Map<string, Split> {
  const attempt = splitsAttempt;
  let parsed: unknown;
  try {
    parsed = parseJson(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new DataError({
      attempt,
      where: path,
      found: error instanceof JsonExcess
        ? error.message
        : "text that is not JSON",
      wanted: '{"full": {"test": ["i_ajuntament", …]}, …}',
    });
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new DataError({
      attempt,
      where: path,
      found: Array.isArray(parsed) ? "an array" : String(parsed),
      wanted: "an object of splits",
    });
  }
  const splits = new Map<string, Split>();
  for (const [key, value] of Object.entries(parsed)) {
    const split = value as Record<string, unknown> | null;
    const where = `${path}: "${key}"`;
    splits.set(key, {
      name: split?.name === undefined
        ? key
        : requireString(split.name, where, attempt),
      test: requireNames(split?.test, `${where}: "test"`, attempt),
      train: split?.train === undefined
        ? []
        : requireNames(split.train, `${where}: "train"`, attempt),
    });
  }
  return splits;
}

/**
 * Reads a verification file: header `s1,t1,idx1,s2,t2,idx2`, then one pair a line (sequence, image 0 … 5, patch index).
 *
 * @throws {DataError} with file and line
 */
export async function readPairTask(
  path: string,
  open: OpenTaskFile = openFile,
): Promise<PairTask> {
  const attempt = "read the verification task";
  using file = await open(path, attempt);
  const columns = ["s1", "t1", "idx1", "s2", "t2", "idx2"];
  const rows = new TaskRows(file, path, attempt, columns);
  const first = references(rows.count);
  const second = references(rows.count);
  for (let row = 0; row < rows.count; row++) {
    for (const side of [first, second]) {
      side.sequence[row] = rows.sequence();
      side.image[row] = rows.integer(imageCount - 1);
      side.patch[row] = rows.integer(0xffffffff);
    }
    rows.endLine();
  }
  return { sequences: rows.sequences, first, second };
}

/**
 * Reads a retrieval file of queries or distractors: header `s,idx`, then one patch a line.
 *
 * @throws {DataError} with file and line
 */
export async function readQueryTask(
  path: string,
  open: OpenTaskFile = openFile,
): Promise<QueryTask> {
  const attempt = "read the retrieval task";
  using file = await open(path, attempt);
  const rows = new TaskRows(file, path, attempt, ["s", "idx"]);
  const sequence = new Uint16Array(rows.count);
  const patch = new Uint32Array(rows.count);
  for (let row = 0; row < rows.count; row++) {
    sequence[row] = rows.sequence();
    patch[row] = rows.integer(0xffffffff);
    rows.endLine();
  }
  return { sequences: rows.sequences, sequence, patch };
}

function references(rows: number): PatchReferences {
  return {
    sequence: new Uint16Array(rows),
    image: new Uint8Array(rows),
    patch: new Uint32Array(rows),
  };
}

function requireString(value: unknown, where: string, attempt: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw new DataError({
    attempt,
    where,
    found: JSON.stringify(value) ?? "nothing",
    wanted: "a name",
  });
}

function requireNames(
  value: unknown,
  where: string,
  attempt: string,
): string[] {
  if (Array.isArray(value)) {
    return value.map((name) => requireString(name, where, attempt));
  }
  throw new DataError({
    attempt,
    where,
    found: JSON.stringify(value) ?? "nothing",
    wanted: "a list of sequence names",
  });
}

async function readText(path: string, attempt: string): Promise<string> {
  const bytes = await readBytes(path, { attempt, wanted: wantedFile });
  return new TextDecoder().decode(bytes);
}

async function openFile(path: string, attempt: string): Promise<Deno.FsFile> {
  let kind: string;
  try {
    // Before it is opened: a pipe would wait for whoever writes into it.
    const { isFile, isDirectory } = await Deno.stat(path);
    if (isFile) return await Deno.open(path);
    kind = isDirectory ? "a folder" : "a device or pipe";
  } catch (error) {
    throw unreadable(path, attempt, error);
  }
  throw unreadable(path, attempt, kind);
}

function unreadable(path: string, attempt: string, error: unknown): DataError {
  return new DataError({
    attempt,
    where: path,
    found: fileFault(error),
    wanted: wantedFile,
  });
}
