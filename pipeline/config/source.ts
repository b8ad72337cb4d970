import { dirname, isAbsolute, join, normalize, resolve } from "@std/path";
import {
  describeValue,
  dotted,
  parseDocument,
  type Setting,
  type Source,
  wantedToml,
} from "./toml.ts";
import { WrongKindOfFile } from "../files/regular_file.ts";
import { pathProblem } from "./paths.ts";
import { ConfigError } from "../errors.ts";
import { fileFault } from "../files/file_errors.ts";

/** Longer chains of `extends` are nobody's; reading them goes as deep. */
const mostParents = 16;

/** Reads the text of a config file; throws what `Deno.readFileSync` throws. */
export type ReadFile = (path: string) => Uint8Array;

/**
 * Collects the settings of `text`, of the files it extends (theirs first, so that its own win) and of `overrides`
 * (`stage1.lr=0.01`, which win over all). A parent's `name` is not inherited: two configs never share a run folder by accident.
 *
 * @throws {ConfigError} when a text is not TOML, a parent cannot be read, or an override is no assignment
 */
export function collectSettings(
  text: string,
  file: string,
  overrides: readonly string[],
  readFile: ReadFile,
): Source {
  const source = collectFile(text, file, readFile, [normalize(file)]);
  const refused = [];
  for (const override of overrides) {
    try {
      for (const setting of parseOverride(override)) {
        source.settings.set(dotted(setting.path), setting);
      }
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      refused.push(...error.problems);
    }
  }
  if (refused.length > 0) throw new ConfigError(refused);
  return source;
}

/** The text of a config file. */
export function readConfigText(
  path: string,
  where: string,
  readFile: ReadFile,
): string {
  let bytes: Uint8Array;
  try {
    bytes = readFile(path);
  } catch (error) {
    throw new ConfigError([{ where, ...whyUnreadable(error, path, where) }], {
      cause: error,
    });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    const found = "bytes that are not UTF-8 text";
    throw new ConfigError([{ where, found, wanted: "a TOML file" }], {
      cause: error,
    });
  }
}

function whyUnreadable(error: unknown, path: string, where: string) {
  const wanted = "a TOML file";
  if (error instanceof Deno.errors.NotFound) {
    const whole = resolve(path);
    return {
      found: where.includes(whole) ? "no such file" : `no file ${whole}`,
      wanted,
      remedy: "check the path; the bundled configs are in configs/",
    };
  }
  if (
    error instanceof Deno.errors.IsADirectory ||
    (error instanceof Error && error.message.includes("os error 21"))
  ) {
    return { found: "a folder", wanted };
  }
  if (error instanceof WrongKindOfFile) return { found: error.message, wanted };
  const reason = fileFault(error);
  return {
    found: `an unreadable file (${reason})`,
    wanted,
    remedy: "check its permissions",
  };
}

function collectFile(
  text: string,
  file: string,
  readFile: ReadFile,
  chain: readonly string[],
): Source {
  const own = parseDocument(text, file);
  const parent = own.settings.get("extends");
  if (parent === undefined) return own;
  own.settings.delete("extends");
  const where = `${parent.valueWhere}: extends ${describeValue(parent.value)}`;
  if (typeof parent.value !== "string" || parent.value === "") {
    throw new ConfigError([{
      where,
      found: describeValue(parent.value),
      wanted: "the path of a TOML file, relative to this one",
    }]);
  }
  const problem = pathProblem(parent.value);
  if (problem !== undefined) throw new ConfigError([{ where, ...problem }]);
  const path = isAbsolute(parent.value)
    ? parent.value
    : join(dirname(file), parent.value);
  if (chain.includes(path)) {
    throw new ConfigError([{
      where,
      found: `a circle ${[...chain, path].join(" → ")}`,
      wanted: "a file that does not extend this one",
    }]);
  }
  if (chain.length > mostParents) {
    throw new ConfigError([{
      where,
      found: `more than ${mostParents} files, each extending the next`,
      wanted: "fewer",
    }]);
  }
  const parentText = readConfigText(path, where, readFile);
  const merged = unquoted(
    where,
    () => collectFile(parentText, path, readFile, [...chain, path]),
  );
  merged.settings.delete("name");
  for (const [key, setting] of own.settings) {
    merged.settings.delete(key); // so that settings stay in the order they count in
    merged.settings.set(key, setting);
  }
  return {
    settings: merged.settings,
    tables: [...merged.tables, ...own.tables],
  };
}

/**
 * Runs `read`; of a parent that is no TOML only the place is told. A config from elsewhere must not make this program print
 * lines of files that are none of its business.
 */
function unquoted<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(
      error.problems.map((problem) =>
        problem.wanted === wantedToml
          ? {
            where: problem.where ?? where,
            found: notToml,
            wanted: wantedToml,
          }
          : problem
      ),
    );
  }
}

const notToml = "text that is not TOML";

/** The settings of one `--set` value: exactly one assignment, its value in TOML or bare text. */
function parseOverride(override: string): Setting[] {
  const where = `--set ${override}`;
  const equals = override.indexOf("=");
  const key = override.slice(0, equals).trim();
  const value = override.slice(equals + 1).trim();
  if (equals < 0 || !/^[\w-]+(\.[\w-]+)*$/.test(key)) {
    throw new ConfigError([{
      where,
      found: "no assignment",
      wanted: "--set <key>=<value>, as in --set stage1.lr=0.01",
    }]);
  }
  if (key === "extends") {
    throw new ConfigError([{
      where,
      found: "a parent after the config was read",
      wanted: "extends in the file",
      remedy: "write a small config that extends it",
    }]);
  }
  const { settings, tables } = parseOverrideValue(key, value, where);
  if (tables.length > 0 || settings.size !== 1) {
    throw new ConfigError([{
      where,
      found: "several values at once",
      wanted: "one value",
      remedy: "give --set several times",
    }]);
  }
  return [...settings.values()].map((setting) => ({
    ...setting,
    keyWhere: where,
    valueWhere: where,
    elementWhere: [],
    folder: ".",
  }));
}

/** A value that is not TOML, such as a path typed without quotes, is taken as text. */
function parseOverrideValue(key: string, value: string, where: string): Source {
  try {
    return parseDocument(`${key} = ${value}`, where);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return parseDocument(`${key} = ${JSON.stringify(value)}`, where);
  }
}
