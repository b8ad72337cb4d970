/**
 * Lock files: what the results of a config were made of, and what they were, beside the config, to be committed with it.
 *
 * One value a line, sorted, without dates and paths of a machine: two branches that change different things merge.
 *
 * @module
 */
import { PipelineError } from "../errors.ts";
import { fileError } from "../files/file_errors.ts";
import { isAbsent } from "../files/file_tree.ts";
import type { Json } from "../files/json.ts";
import {
  isNamedValues,
  isText,
  named,
  orNull,
  shape,
} from "../files/json_shape.ts";
import { readJsonFile, WrongKindOfFile } from "../files/regular_file.ts";

/** What is pinned of one stage. Type aliases, so that they are {@linkcode Json}. */
export type PinnedStage = {
  /** name of the adapter it ran on; null when it used none */
  adapter: string | null;
  /** digest of its code, file by file */
  code: string;
  /** digest of the files outside the store; null when it reads none */
  files: string | null;
  key: string;
  /** output → sha-256; of a folder, of all that lies below it */
  outputs: { [path: string]: string };
  packages: { [name: string]: string };
  /** parameter path → value */
  parameters: { [path: string]: Json };
};

/** The content of a lock file. */
export type PinnedResults = {
  /** data set → digest of its contents */
  datasets: { [name: string]: string };
  stages: { [name: string]: PinnedStage };
  version: number;
};

/** Of the format. */
export const lockFileVersion = 1;

/** `configs/lib.toml` → `configs/lib.lock.json`. */
export function lockFilePath(configFile: string): string {
  return `${configFile.replace(/\.toml$/, "")}.lock.json`;
}

/**
 * The lock file of a config; undefined when it has none.
 *
 * @throws {PipelineError} when it is none of this program's
 */
export function readPins(configFile: string): PinnedResults | undefined {
  const path = lockFilePath(configFile);
  const attempt = "read the lock file";
  const refuse = (found: string, wanted: string) =>
    new PipelineError({
      attempt,
      where: path,
      found,
      wanted,
      remedy: "restore it, or write it again with `./run lock`",
    });
  let content: unknown;
  try {
    content = readJsonFile(path);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    if (error instanceof WrongKindOfFile) {
      throw refuse(error.message, "a file that `./run lock` wrote");
    }
    if (!(error instanceof SyntaxError)) {
      throw fileError(error, attempt, path);
    }
    // A merge conflict, most likely.
    throw refuse("text that is not JSON", `version ${lockFileVersion}`);
  }
  if (isPins(content)) return content;
  const found = (content as Partial<PinnedResults> | null)?.version;
  throw found === lockFileVersion
    ? refuse("values of another shape", "what `./run lock` writes")
    : refuse(
      typeof found === "number" ? `version ${found}` : "no version",
      `version ${lockFileVersion}`,
    );
}

const isPinnedStage = shape({
  adapter: orNull(isText),
  code: isText,
  files: orNull(isText),
  key: isText,
  outputs: named(isText),
  packages: named(isText),
  parameters: isNamedValues,
});

/** Whether this is what {@linkcode pinsText} writes. */
const isPins = shape({
  datasets: named(isText),
  stages: named(isPinnedStage),
  version: (value) => value === lockFileVersion,
}) as (value: unknown) => value is PinnedResults;

/** The text of a lock file: keys sorted, one value a line. */
export function pinsText(pins: PinnedResults): string {
  const sorted = (value: Json): Json =>
    value === null || typeof value !== "object" || Array.isArray(value)
      ? value
      : Object.fromEntries(
        Object.keys(value).sort().map((key) => [key, sorted(value[key])]),
      );
  return `${JSON.stringify(sorted(pins), null, 2)}\n`;
}
