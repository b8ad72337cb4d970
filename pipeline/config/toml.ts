import {
  type AST,
  getStaticTOMLValue,
  ParseError,
  parseTOML,
} from "toml-eslint-parser";
import { dirname } from "@std/path";
import { ConfigError } from "../errors.ts";

/** One `key = value` of a config, and where it was written. */
export interface Setting {
  /** `["stage1", "lr"]` */
  path: string[];
  value: unknown;
  /** `file:line:column` of the key, or the override as typed */
  keyWhere: string;
  /** `file:line:column` of the value */
  valueWhere: string;
  /** the same for each element when the value is a list */
  elementWhere: string[];
  /** what a relative path is meant from: the folder of the file, or that in which an override was typed */
  folder: string;
}

/** A `[header]` or a `{}` without keys: it sets nothing, but its name may be wrong. */
export interface TableMention {
  path: string[];
  where: string;
}

/** What a config file, the files it extends, and the overrides say in sum. */
export interface Source {
  /** by dotted path; later ones took the place of earlier ones */
  settings: Map<string, Setting>;
  tables: TableMention[];
}

/** What a text should have been that cannot be parsed. */
export const wantedToml = "valid TOML";

/** `stage1.lr`; keys that are not bare words stand in quotes. */
export function dotted(path: readonly string[]): string {
  return path.map((key) => /^[\w-]+$/.test(key) ? key : JSON.stringify(key))
    .join(".");
}

/**
 * Everything that a TOML text sets.
 *
 * @param file how messages name the text
 * @throws {ConfigError} when it is not TOML
 */
export function parseDocument(text: string, file: string): Source {
  const source: Source = { settings: new Map(), tables: [] };
  const program = parseToml(text, file);
  for (const node of program.body[0].body) {
    if (node.type === "TOMLKeyValue") {
      addKeyValue(node, [], file, source);
      continue;
    }
    const listDepth = node.resolvedKey.findIndex((key) =>
      typeof key === "number"
    );
    const path = node.resolvedKey.map(String);
    if (listDepth >= 0) {
      addSetting(path.slice(0, listDepth), [{}], node, node, file, source);
      continue;
    }
    if (node.body.length === 0) {
      source.tables.push({ path, where: position(file, node.key) });
    }
    for (const entry of node.body) addKeyValue(entry, path, file, source);
  }
  return source;
}

function parseToml(text: string, file: string): AST.TOMLProgram {
  try {
    return parseTOML(text);
  } catch (error) {
    if (error instanceof RangeError) {
      const found = "lists or tables nested too deep";
      throw new ConfigError([{ where: file, found, wanted: "a config" }]);
    }
    if (!(error instanceof ParseError)) throw error;
    const line = text.split(/\r\n|\n/)[error.lineNumber - 1] ?? "";
    throw new ConfigError([{
      where: `${file}:${error.lineNumber}:${error.column + 1}`,
      found: `${
        JSON.stringify(clip(line.trim()))
      } (${error.message.toLowerCase()})`,
      wanted: wantedToml,
      remedy: "text stands in quotes, numbers and true/false do not",
    }], { cause: error });
  }
}

function addKeyValue(
  node: AST.TOMLKeyValue,
  prefix: string[],
  file: string,
  source: Source,
): void {
  const keys = node.key.keys.map((key) =>
    key.type === "TOMLBare" ? key.name : key.value
  );
  const path = [...prefix, ...keys];
  if (node.value.type !== "TOMLInlineTable") {
    const value = getStaticTOMLValue(node.value);
    addSetting(path, value, node.key, node.value, file, source);
    return;
  }
  if (node.value.body.length === 0) {
    source.tables.push({ path, where: position(file, node.key) });
  }
  for (const entry of node.value.body) addKeyValue(entry, path, file, source);
}

function addSetting(
  path: string[],
  value: unknown,
  key: AST.TOMLNode,
  valueNode: AST.TOMLNode,
  file: string,
  source: Source,
): void {
  source.settings.set(dotted(path), {
    path,
    value,
    keyWhere: position(file, key),
    valueWhere: position(file, valueNode),
    elementWhere: valueNode.type === "TOMLArray"
      ? valueNode.elements.map((element) => position(file, element))
      : [],
    folder: dirname(file),
  });
}

function position(file: string, node: AST.TOMLNode): string {
  return `${file}:${node.loc.start.line}:${node.loc.start.column + 1}`;
}

/** `value` as it is quoted in a message. */
export function describeValue(value: unknown): string {
  if (Array.isArray(value)) {
    const tables = value.length > 0 && value.every(isTable);
    return tables ? "a list of tables" : clip(JSON.stringify(value));
  }
  if (value instanceof Date) return "a date";
  if (isTable(value)) return "a table";
  if (typeof value === "string") return JSON.stringify(clip(value));
  return String(value);
}

function clip(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}

function isTable(value: unknown): boolean {
  return typeof value === "object" && value !== null &&
    !Array.isArray(value) && !(value instanceof Date);
}
