/**
 * Config files: TOML with defaults, inheritance and overrides, refused as a whole when anything in them is wrong.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { basename, extname } from "@std/path";
import { kindOf } from "./config/arguments.ts";
import { collectSettings, readConfigText } from "./config/source.ts";
import type { Config } from "./config/types.ts";
import { ConfigError } from "./errors.ts";
import { validateSettings } from "./config/validation.ts";
import { readRegularFile } from "./files/regular_file.ts";

export type * from "./config/types.ts";

/** A config is some kilobytes; what is longer is something else, and parsing it would take a thousand times its size in memory. */
const mostConfigBytes = 1 << 16;

const readConfigFile = (path: string) => readRegularFile(path, mostConfigBytes);

/**
 * Reads a config file.
 *
 * @param file path or `file:` URL of a TOML file; `extends = "other.toml"` in it names a file, relative to it, whose values it starts from
 * @param overrides assignments that win over the files, `stage1.lr=0.01`
 * @returns every value, with defaults where nobody set one
 * @throws {ConfigError} with one line for each thing that is wrong: `file:line:column`, the key, what was found and what is wanted
 */
// deno-lint-ignore require-await
export async function loadConfig(
  file: string | URL,
  overrides: readonly string[] = [],
): Promise<Config> {
  const path = file instanceof URL && file.protocol === "file:"
    ? fileURLToPath(file)
    : file;
  if (typeof path !== "string") {
    throw new ConfigError([{
      found: kindOf(path),
      wanted: "the path of a TOML file",
    }]);
  }
  if (
    !Array.isArray(overrides) ||
    !overrides.every((text) => typeof text === "string")
  ) {
    throw new ConfigError([{
      where: "overrides",
      found: kindOf(overrides),
      wanted: 'a list of assignments such as ["stage1.lr=0.01"]',
    }]);
  }
  const text = readConfigText(path, path, readConfigFile);
  return parseConfig(text, path, overrides);
}

/**
 * Reads a config from its text.
 *
 * @param text TOML
 * @param file the path it is known by: parents are looked for beside it, and its stem is the default `name`
 * @param overrides assignments that win over the text, `stage1.lr=0.01`
 * @throws {ConfigError} as {@linkcode loadConfig}
 */
export function parseConfig(
  text: string,
  file: string,
  overrides: readonly string[] = [],
): Config {
  const source = collectSettings(text, file, overrides, readConfigFile);
  const stem = basename(file, extname(file));
  return validateSettings(source, file, stem);
}
